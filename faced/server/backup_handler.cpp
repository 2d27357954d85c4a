// backup: everybody, sealed under a passphrase, as chunks that the client writes to a file.
#include <faced/crypto/aead.h>
#include <faced/crypto/passphrase.h>
#include <faced/crypto/sealed_stream.h>
#include <faced/server/audit.h>
#include <faced/server/handlers.h>
#include <faced/store/backup_format.h>

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace faceauth {
namespace {

constexpr std::size_t kPage = 16;  // a few milliseconds of decryption
constexpr std::uint32_t kBackupWithinMs = 60'000;

class BackupTalk {
 public:
  BackupTalk(Keeper& keeper, Connection& client) : keeper_(keeper), client_(client) {}

  // False when the client is gone; `outcome` says what else went wrong.
  asio::awaitable<bool> run(Key key, backup::Head head) {
    SealingStream stream(key);
    head.stream = stream.header();
    head_ = backup::encode(head);
    stream_ = &stream;
    if (!co_await send(head_)) co_return false;
    if (!co_await put(backup::encode_start(keeper_.clock.unix_time()))) co_return false;
    if (!co_await put_everybody()) co_return false;
    if (!outcome) co_return true;
    co_return co_await put(backup::encode_end(totals_), true);
  }

  Result<void> outcome;

 private:
  asio::awaitable<bool> put_everybody() {
    std::string after;
    for (;;) {
      std::vector<UserSummary> page;
      outcome = keeper_.store.for_each_user(after, [&](const UserSummary& user) {
        page.push_back(user);
        return page.size() < kPage;
      });
      if (!outcome) co_return true;
      for (const UserSummary& user : page)
        if (!co_await put_user(user)) co_return false;
      if (!outcome || page.size() < kPage) co_return true;
      after = page.back().name;
      co_await asio::post(keeper_.io, asio::use_awaitable);
    }
  }

  // As he is now, all of him at one moment: the page is older by what was sent meanwhile.
  asio::awaitable<bool> put_user(const UserSummary& listed) {
    const Result<UserSummary> user = keeper_.store.user(listed.name);
    if (!user && user.error().code == Errc::not_found) co_return true;
    const auto hash = keeper_.store.password(listed.name);
    const auto templates = keeper_.store.templates(listed.name);
    if (!user || !hash || !templates) {
      outcome = tl::unexpected<Error>(!user ? user.error() : !hash ? hash.error() : templates.error());
      co_return true;
    }
    ++totals_.users;
    totals_.templates += templates->size();
    if (!co_await put(backup::encode(*user, *hash ? &**hash : nullptr))) co_return false;
    for (const Template& entry : *templates)
      if (!co_await put(backup::encode(entry))) co_return false;
    co_return true;
  }

  asio::awaitable<bool> put(SecretBytes item, bool last = false) {
    const std::span<const std::uint8_t> bound =
        std::exchange(first_, false) ? std::span<const std::uint8_t>(head_) : std::span<const std::uint8_t>{};
    const std::vector<std::uint8_t> sealed = stream_->seal(item.bytes(), bound, last);
    co_return co_await send(sealed);
  }

  asio::awaitable<bool> send(std::span<const std::uint8_t> data) {
    co_return co_await client_.send(wire::Type::backup_chunk, wire::BackupChunk{{data.data(), data.size()}});
  }

  Keeper& keeper_;
  Connection& client_;
  SealingStream* stream_ = nullptr;
  backup::HeadBytes head_{};
  backup::Totals totals_;
  bool first_ = true;
};

}  // namespace

asio::awaitable<bool> handle_backup(Keeper& keeper, Connection& client, Request request) {
  wire::BackupBegin begin;
  Reader body = client.body();
  if (!wire::decode(body, begin)) co_return false;
  SecretBytes passphrase = take_password(client, begin.passphrase);
  if (!co_await client.send(wire::Type::ack, wire::Ack{kBackupWithinMs})) co_return false;
  if (passphrase.empty())
    co_return co_await client.send_failure(Errc::invalid_argument, "an empty passphrase is refused");
  if (const Result<void> recorded = keeper.store.record(audit_event(keeper, client, request, AuditKind::backup));
      !recorded)
    co_return co_await client.send_failure(recorded.error());

  backup::Head head;
  random_bytes(head.salt);
  auto work = [passphrase = std::move(passphrase), head] {
    return key_from_passphrase(passphrase.bytes(), head.salt, head.cost);
  };
  auto derived = co_await keeper.hashing.run(std::move(work));
  if (!derived) co_return co_await client.send_failure(derived.error());
  if (!*derived) co_return co_await client.send_failure(derived->error());

  BackupTalk talk(keeper, client);
  if (!co_await talk.run(std::move(**derived), head)) co_return false;
  co_return co_await answer(client, talk.outcome);
}

}  // namespace faceauth
