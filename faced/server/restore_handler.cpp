// restore: users come back from a backup, all of them or none.
#include <faced/crypto/passphrase.h>
#include <faced/server/accounts.h>
#include <faced/server/announce.h>
#include <faced/server/audit.h>
#include <faced/server/authority.h>
#include <faced/server/handlers.h>
#include <faced/server/news.h>
#include <faced/server/staged_backup.h>
#include <faced/server/watched_source.h>
#include <faced/util/log.h>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kRestoreWithinMs = 60'000;

struct Wanted {
  RestoreMode mode = RestoreMode::into_empty;
  bool skip_unknown = false, adopt_uids = false;
};

// What comes back is a face and a password to log in with, so each user is told of it at his next login, and of what
// his record here had not told him yet. Who is here already is asked user by user while the store is written to: it
// answers as of before.
class ToldSource final : public RestoreSource {
 public:
  ToldSource(Keeper& keeper, RestoreSource& source, RestoreMode mode, const AuditEvent& event)
      : keeper_(keeper), source_(source), mode_(mode), event_(event) {}

  Result<void> rewind() override {
    restored_.clear();
    return source_.rewind();
  }
  Result<std::optional<BackupUser>> next() override {
    Result<std::optional<BackupUser>> user = source_.next();
    if (!user || !*user) return user;
    const Result<UserSummary> here = keeper_.store.user((*user)->name);
    if (here && mode_ == RestoreMode::merge) return user;  // he stays as he is
    UserState& state = (*user)->state;
    if (here) carry_over(state, here->state.untold);
    if ((*user)->password) note_change(state, Change::password_set, event_.time, event_.peer_uid);
    if (!(*user)->templates.empty()) note_change(state, Change::face_registered, event_.time, event_.peer_uid);
    restored_.emplace_back((*user)->name, (*user)->uid);
    return user;
  }
  // After it was stored: the program once, the journal for each user.
  void announce_all() {
    announce(keeper_, event_);
    for (const auto& [name, uid] : restored_) {
      AuditEvent one = event_;
      one.user = name;
      one.user_uid = uid;
      tell_journal(one);
    }
  }

 private:
  Keeper& keeper_;
  RestoreSource& source_;
  const RestoreMode mode_;
  const AuditEvent& event_;
  std::vector<std::pair<std::string, std::uint32_t>> restored_;
};

// Whether the system's user of this name is the one who was backed up; what root allowed for those who are not.
asio::awaitable<Result<void>> admit(Keeper& keeper, const Wanted& wanted, StagedBackup& staged,
                                    const BackupUser& user) {
  auto look_up = [name = user.name] { return uid_of_if_certain(name); };
  auto looked = co_await keeper.lookups.run(std::move(look_up));
  if (!looked) co_return fail(std::move(looked));
  const Result<std::uint32_t>& uid = *looked;
  if (uid && *uid == user.uid) co_return Result<void>{};
  if (uid && wanted.adopt_uids) {
    staged.rename_uid(user.name, *uid);
    co_return Result<void>{};
  }
  if (uid)
    co_return fail(Errc::invalid_argument,
                   fmt::format("user {} has uid {} here and {} in the backup: if he is the same person, allow it with "
                               "--adopt-uids; nothing was restored",
                               user.name, *uid, user.uid));
  if (uid.error().code != Errc::not_found) co_return fail_in("whether he is known here cannot be told", uid.error());
  if (wanted.skip_unknown) {
    staged.leave_out(user.name);
    co_return Result<void>{};
  }
  co_return fail(Errc::invalid_argument, fmt::format("there is no user {} on this system: create him first, or leave "
                                                     "such users out with --skip-unknown; nothing was restored",
                                                     user.name));
}

// The chunks, one by one; each is asked for. Nothing: the client is gone or broke the protocol.
asio::awaitable<std::optional<Result<void>>> receive(Keeper& keeper, Connection& client, const Wanted& wanted,
                                                     StagedBackup& staged) {
  while (!staged.complete()) {
    if (!co_await client.send(wire::Type::restore_more, wire::Empty{})) co_return std::nullopt;
    const Steady deadline = std::chrono::steady_clock::now() + milliseconds(limits::kIdleWithinMs);
    if (!co_await client.receive(deadline)) co_return std::nullopt;
    const Rule* rule = find_rule(client.header().type, Phase::restoring);
    wire::RestoreChunk chunk;
    Reader body = client.body();
    if (rule == nullptr || !permits(rule->right, client.peer(), std::nullopt, false, false) ||
        !client.of_this_request() || !wire::decode(body, chunk))
      co_return std::nullopt;
    const Result<std::optional<BackupUser>> user = staged.take({chunk.data.data, chunk.data.size}, chunk.last);
    if (!user) co_return Result<void>(tl::unexpected<Error>(user.error()));
    if (!*user) continue;
    if (Result<void> admitted = co_await admit(keeper, wanted, staged, **user); !admitted) co_return admitted;
  }
  co_return Result<void>{};
}

asio::awaitable<Result<std::unique_ptr<StagedBackup>>> prepare(Keeper& keeper, SecretBytes passphrase,
                                                               backup::HeadBytes bytes) {
  const auto head = backup::decode_head(bytes);
  if (!head) co_return tl::unexpected<Error>(head.error());
  auto work = [passphrase = std::move(passphrase), salt = head->salt, cost = head->cost] {
    return key_from_passphrase(passphrase.bytes(), salt, cost);
  };
  auto derived = co_await keeper.hashing.run(std::move(work));
  if (!derived) co_return fail(std::move(derived));
  if (!*derived) co_return fail(std::move(*derived));
  co_return StagedBackup::open(keeper.config->store, std::move(**derived), bytes);
}

}  // namespace

asio::awaitable<bool> handle_restore(Keeper& keeper, Connection& client, Request request) {
  wire::RestoreBegin begin;
  Reader body = client.body();
  if (!wire::decode(body, begin) || begin.head.size != backup::kHeadSize) co_return false;
  const Wanted wanted{static_cast<RestoreMode>(begin.mode), begin.skip_unknown, begin.adopt_uids};
  backup::HeadBytes head{};
  std::copy_n(begin.head.data, head.size(), head.begin());
  SecretBytes passphrase = take_password(client, begin.passphrase);
  if (!co_await client.send(wire::Type::ack, wire::Ack{kRestoreWithinMs})) co_return false;

  // A failure from here on ends the connection: the client may have sent a chunk that would be taken for a request.
  auto staged = co_await prepare(keeper, std::move(passphrase), head);
  if (!staged) {
    co_await client.send_failure(staged.error());
    co_return false;
  }
  const std::optional<Result<void>> received = co_await receive(keeper, client, wanted, **staged);
  if (!received) co_return false;
  if (!*received) {
    co_await client.send_failure(received->error());
    co_return false;
  }
  const AuditEvent event = audit_event(keeper, client, request, AuditKind::restore);
  WatchedSource watched(**staged);
  ToldSource source(keeper, watched, wanted.mode, event);
  const Result<Restored> restored = keeper.store.restore(source, (*staged)->users(), wanted.mode, &event);
  log::notice(fmt::format("restoring from a backup: {}",
                          restored ? fmt::format("{} users", restored->users) : restored.error().message));
  if (!restored) co_return co_await client.send_failure(restored.error());
  if (restored->users > 0) source.announce_all();
  co_return co_await client.send(
      wire::Type::restore_result,
      wire::RestoreResult{restored->users, restored->templates, restored->kept, (*staged)->left_out()});
}

}  // namespace faceauth
