#include <faced/server/handlers.h>

#include <faced/server/announce.h>
#include <faced/server/audit.h>
#include <faced/server/news.h>
#include <faced/server/passwords.h>
#include <faced/server/proof.h>
#include <faced/util/log.h>

namespace faceauth {
namespace {

// Requests that are answered as soon as the store or a hash is done.
constexpr std::uint32_t kSoonMs = 5000;

asio::awaitable<bool> acknowledge(Connection& client) {
  co_return co_await client.send(wire::Type::ack, wire::Ack{kSoonMs});
}

Result<void> result_of(PasswordCheck check) {
  switch (check) {
    case PasswordCheck::right:
      return {};
    case PasswordCheck::wrong:
      return fail(Errc::wrong_password, "the password is not the stored one");
    case PasswordCheck::held:
      return fail(Errc::locked_out, "too many wrong passwords; wait and try again");
    case PasswordCheck::none:
      return fail(Errc::not_found, "no usable password is stored for this user");
    case PasswordCheck::busy:
      return fail(Errc::busy, "another check runs for this user; try again in a moment");
    case PasswordCheck::failed:
      return fail(Errc::internal, "the password could not be checked; see the daemon's log");
  }
  return fail(Errc::internal, "unknown outcome");
}

asio::awaitable<Result<void>> store_password(Keeper& keeper, const Connection& client, const Request& request,
                                             SecretBytes password, bool keep_in_step) {
  // Against a check that runs meanwhile: it may raise the cost of the hash it compared, which is then the old one.
  const InUse one_at_a_time(keeper.passwords_in_check, request.subject);
  if (!one_at_a_time.held()) co_return fail(Errc::busy, "the password is being checked; try again in a moment");
  const Result<UserSummary> user = registered_user(keeper, request);
  if (!user) co_return fail_in("no password stored", user.error());
  if (keep_in_step && !user->has_password) co_return fail(Errc::not_found, "no password is stored for this user");
  if (password.empty()) co_return fail(Errc::invalid_argument, "an empty password is refused");
  Result<PasswordHash> hashed = co_await hash_on_worker(keeper, std::move(password));
  if (!hashed) co_return fail(std::move(hashed));
  const Result<UserSummary> fresh = keeper.store.user(request.subject);
  if (!fresh) co_return tl::unexpected<Error>(fresh.error());
  if (fresh->registration != user->registration)
    co_return fail(Errc::not_found, "the user was registered anew meanwhile; no password was stored");
  if (Result<void> may = may_still_change(keeper, client, request.subject); !may) co_return may;
  UserState state = fresh->state;
  state.password_stale = false;
  state.password_failures = 0;
  state.password_locked_until = {};
  const AuditEvent event = audit_event(keeper, client, request, AuditKind::passwd);
  note_change(state, Change::password_set, event.time, event.peer_uid);
  Result<void> stored = keeper.store.set_password(request.subject, *hashed, &event, &state);
  if (stored) announce(keeper, event);
  co_return stored;
}

}  // namespace

SecretBytes take_password(Connection& client, wire::Text password) {
  SecretBytes copy = SecretBytes::copy_of(password.data, password.size);
  client.wipe_frame();
  return copy;
}

asio::awaitable<bool> answer(Connection& client, const Result<void>& result) {
  if (!result) co_return co_await client.send_failure(result.error());
  co_return co_await client.send(wire::Type::done, wire::Empty{});
}

Result<UserSummary> registered_user(const Keeper& keeper, const Request& request) {
  if (!request.subject_uid) return tl::unexpected<Error>(request.subject_uid.error());
  Result<UserSummary> user = keeper.store.user(request.subject);
  if (user && user->uid != *request.subject_uid)
    return fail(Errc::not_found,
                "\"" + request.subject + "\" was registered with another uid; remove and register again");
  return user;
}

Result<UserSummary> record_for(const Keeper& keeper, const Connection& client, const Request& request) {
  return client.peer().is_root() ? keeper.store.user(request.subject) : registered_user(keeper, request);
}

asio::awaitable<bool> handle_report(Keeper& keeper, Connection& client, Request request) {
  wire::Report report;
  Reader body = client.body();
  if (!wire::decode(body, report)) co_return false;
  SecretBytes password = take_password(client, report.password);
  if (!co_await acknowledge(client)) co_return false;
  if (const Result<UserSummary> user = registered_user(keeper, request); !user)
    co_return co_await client.send_failure(user.error());
  const PasswordCheck check =
      co_await check_reported_password(keeper, request.subject, std::move(password), client.peer().is_root());
  record_verdict(keeper, client, request, AuditKind::report, verdict_of(check), was_judged(check));
  if (!was_judged(check)) co_return co_await answer(client, result_of(check));
  // Also when it is not the stored password: another module has let him in with it, and he may be looking at the
  // reason.
  const News news = news_for(keeper, client, request, report.may_tell);
  const Result<void> outcome = result_of(check);
  const wire::Reported said{outcome ? Errc::ok : outcome.error().code, as_text(news.line)};
  if (!co_await client.send(wire::Type::reported, said)) co_return false;
  co_return co_await until_told(keeper, client, request.subject, news);
}

asio::awaitable<bool> handle_prove_password(Keeper& keeper, Connection& client, Request request) {
  wire::ProvePassword proof;
  Reader body = client.body();
  if (!wire::decode(body, proof)) co_return false;
  SecretBytes password = take_password(client, proof.password);
  client.proof.reset();
  if (!co_await acknowledge(client)) co_return false;
  const Result<UserSummary> user = registered_user(keeper, request);
  if (!user) co_return co_await client.send_failure(user.error());
  const PasswordCheck check = co_await check_password(keeper, request.subject, std::move(password));
  if (check == PasswordCheck::right) note_proof(keeper, client, request.subject, user->registration);
  record_verdict(keeper, client, request, AuditKind::proof, verdict_of(check), was_judged(check));
  co_return co_await answer(client, result_of(check));
}

asio::awaitable<bool> handle_set_password(Keeper& keeper, Connection& client, Request request) {
  wire::SetPassword change;
  Reader body = client.body();
  if (!wire::decode(body, change)) co_return false;
  const bool keep_in_step = change.keep_in_step;
  SecretBytes password = take_password(client, change.password);
  if (!co_await acknowledge(client)) co_return false;
  const Result<void> stored = co_await store_password(keeper, client, request, std::move(password), keep_in_step);
  co_return co_await answer(client, stored);
}

namespace {

Result<void> remove_label(Keeper& keeper, const AuditEvent& event, const std::string& label) {
  const Result<UserSummary> user = keeper.store.user(event.user);
  if (!user) return tl::unexpected<Error>(user.error());
  UserState state = user->state;
  note_change(state, Change::faces_removed, event.time, event.peer_uid);
  const auto count = keeper.store.remove_templates(event.user, label, &event, &state);
  return count ? Result<void>{} : tl::unexpected<Error>(count.error());
}

}  // namespace

asio::awaitable<bool> handle_remove(Keeper& keeper, Connection& client, Request request) {
  wire::Remove remove;
  Reader body = client.body();
  if (!wire::decode(body, remove)) co_return false;
  const std::string label = as_string(remove.label);
  if (!co_await acknowledge(client)) co_return false;
  if (const Result<void> may = may_still_change(keeper, client, request.subject); !may)
    co_return co_await answer(client, may);
  const AuditEvent event = audit_event(keeper, client, request, AuditKind::remove);
  const Result<void> removed =
      label.empty() ? keeper.store.remove_user(request.subject, &event) : remove_label(keeper, event, label);
  if (removed && label.empty()) keeper.off_unstored.erase(request.subject);
  if (removed) announce(keeper, event);
  co_return co_await answer(client, removed);
}

namespace {

bool is_well_formed(Connection& client) {
  wire::UserOnly named;
  Reader body = client.body();
  return wire::decode(body, named);
}

// Whoever says stop is obeyed also where that cannot be stored, and told so.
Result<void> off_for_now(const std::string& whose, const Error& error) {
  const std::string message =
      "faces are off for " + whose + ", but a restart of the daemon may turn them on again: " + error.message;
  log::error(message);
  return fail(error.code, message);
}

// The switch for everybody is a file. It is thrown first and recorded then, but turned back only once that is recorded.
Result<void> switch_everybody(Keeper& keeper, const AuditEvent& event, bool off) {
  if (!off) {
    if (Result<void> recorded = keeper.store.record(event); !recorded) return recorded;
    return keeper.sos.release();
  }
  const Result<void> pulled = keeper.sos.pull();
  if (const Result<void> recorded = keeper.store.record(event); !recorded)
    log::error("faces are off for everybody, but the ledger has no entry of it: " + recorded.error().message);
  return pulled ? Result<void>{} : off_for_now("everybody", pulled.error());
}

// `disable` and `enable`; `changed` becomes whether there was anything to do. A user's own switch needs that the record
// is his, not of somebody who had the name before.
Result<void> store_switch(Keeper& keeper, const Connection& client, const Request& request, AuditEvent& event, bool off,
                          bool& changed) {
  if (request.subject.empty()) return switch_everybody(keeper, event, off);
  const bool root = client.peer().is_root();
  changed = root;
  const Result<UserSummary> user = record_for(keeper, client, request);
  if (!user) return tl::unexpected<Error>(user.error());
  UserState state = user->state;
  state.switched_off = off;
  // Needing no proof, `disable` must not let its user fill the ledger.
  const bool only_unstored = !off && keeper.off_unstored.contains(request.subject);
  if (state == user->state && !only_unstored) return root ? keeper.store.record(event) : Result<void>{};
  changed = true;
  const bool recorded = root || within_quota(keeper, client.peer(), LedgerQuota::Of::own, event);
  if (off) {
    const Result<void> stored = store_state_above_all(keeper, request.subject, state, recorded ? &event : nullptr);
    if (stored) return {};
    keeper.off_unstored.insert(request.subject);
    return off_for_now(request.subject, stored.error());
  }
  if (!recorded) return fail(Errc::busy, "too many changes in a short time; try again in a minute");
  return keeper.store.set_state(request.subject, state, &event);
}

Result<void> switch_faces(Keeper& keeper, const Connection& client, const Request& request, bool off) {
  bool changed = request.subject.empty();
  AuditEvent event = audit_event(keeper, client, request, off ? AuditKind::disable : AuditKind::enable);
  Result<void> switched = store_switch(keeper, client, request, event, off, changed);
  if (switched && !off) keeper.off_unstored.erase(request.subject);
  if (switched && changed) announce(keeper, event);
  return switched;
}

}  // namespace

asio::awaitable<bool> handle_unlock(Keeper& keeper, Connection& client, Request request) {
  if (!is_well_formed(client)) co_return false;
  if (!co_await acknowledge(client)) co_return false;
  const AuditEvent event = audit_event(keeper, client, request, AuditKind::unlock);
  const Result<void> done = change_state(
      keeper, request.subject, [](UserState& state) { unlocked(state); }, &event);
  if (done) unlocked(keeper.nobody);
  co_return co_await answer(client, done);
}

asio::awaitable<bool> handle_disable(Keeper& keeper, Connection& client, Request request) {
  if (!is_well_formed(client)) co_return false;
  if (!co_await acknowledge(client)) co_return false;
  const Result<void> switched = switch_faces(keeper, client, request, true);
  co_return co_await answer(client, switched);
}

asio::awaitable<bool> handle_enable(Keeper& keeper, Connection& client, Request request) {
  if (!is_well_formed(client)) co_return false;
  if (!co_await acknowledge(client)) co_return false;
  if (const Result<void> may = may_still_change(keeper, client, request.subject); !may)
    co_return co_await answer(client, may);
  const Result<void> switched = switch_faces(keeper, client, request, false);
  co_return co_await answer(client, switched);
}

}  // namespace faceauth
