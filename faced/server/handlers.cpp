#include <faced/server/handlers.h>

#include <faced/server/passwords.h>

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

asio::awaitable<Result<void>> store_password(Keeper& keeper, const Request& request, SecretBytes password,
                                             bool keep_in_step) {
  const Result<UserSummary> user = registered_user(keeper, request);
  if (!user) co_return fail_in("no password stored", user.error());
  if (keep_in_step && !user->has_password) co_return fail(Errc::not_found, "no password is stored for this user");
  if (password.empty()) co_return fail(Errc::invalid_argument, "an empty password is refused");
  auto work = [password = std::move(password)] { return hash_password(password.bytes()); };
  auto hashed = co_await keeper.hashing.run(std::move(work));
  if (!hashed) co_return fail(std::move(hashed));
  if (!*hashed) co_return fail(std::move(*hashed));
  if (Result<void> stored = keeper.store.set_password(request.subject, **hashed); !stored) co_return stored;
  UserState state = user->state;
  state.password_stale = false;
  state.password_failures = 0;
  state.password_locked_until = {};
  co_return keeper.store.set_state(request.subject, state);
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
  co_return co_await answer(client, result_of(check));
}

asio::awaitable<bool> handle_prove_password(Keeper& keeper, Connection& client, Request request) {
  wire::ProvePassword proof;
  Reader body = client.body();
  if (!wire::decode(body, proof)) co_return false;
  SecretBytes password = take_password(client, proof.password);
  client.proven_user.clear();
  if (!co_await acknowledge(client)) co_return false;
  if (const Result<UserSummary> user = registered_user(keeper, request); !user)
    co_return co_await client.send_failure(user.error());
  const PasswordCheck check = co_await check_password(keeper, request.subject, std::move(password));
  if (check == PasswordCheck::right) client.proven_user = request.subject;
  co_return co_await answer(client, result_of(check));
}

asio::awaitable<bool> handle_set_password(Keeper& keeper, Connection& client, Request request) {
  wire::SetPassword change;
  Reader body = client.body();
  if (!wire::decode(body, change)) co_return false;
  const bool keep_in_step = change.keep_in_step;
  SecretBytes password = take_password(client, change.password);
  if (!co_await acknowledge(client)) co_return false;
  const Result<void> stored = co_await store_password(keeper, request, std::move(password), keep_in_step);
  co_return co_await answer(client, stored);
}

asio::awaitable<bool> handle_remove(Keeper& keeper, Connection& client, Request request) {
  wire::Remove remove;
  Reader body = client.body();
  if (!wire::decode(body, remove)) co_return false;
  const std::string label = as_string(remove.label);
  if (!co_await acknowledge(client)) co_return false;
  Result<void> removed;
  if (label.empty()) {
    removed = keeper.store.remove_user(request.subject);
  } else if (const auto count = keeper.store.remove_templates(request.subject, label); !count) {
    removed = tl::unexpected<Error>(count.error());
  }
  co_return co_await answer(client, removed);
}

namespace {

template <class Change>
Result<void> change_state(Keeper& keeper, const std::string& user, Change change) {
  const Result<UserSummary> summary = keeper.store.user(user);
  if (!summary) return tl::unexpected<Error>(summary.error());
  UserState state = summary->state;
  change(state);
  return keeper.store.set_state(user, state);
}

}  // namespace

asio::awaitable<bool> handle_unlock(Keeper& keeper, Connection& client, Request request) {
  if (!co_await acknowledge(client)) co_return false;
  co_return co_await answer(client, change_state(keeper, request.subject, [](UserState& state) { unlocked(state); }));
}

asio::awaitable<bool> handle_disable(Keeper& keeper, Connection& client, Request request) {
  if (!co_await acknowledge(client)) co_return false;
  if (request.subject.empty()) co_return co_await answer(client, keeper.sos.pull());
  co_return co_await answer(client, change_state(keeper, request.subject, [](UserState& s) { s.switched_off = true; }));
}

asio::awaitable<bool> handle_enable(Keeper& keeper, Connection& client, Request request) {
  if (!co_await acknowledge(client)) co_return false;
  if (request.subject.empty()) co_return co_await answer(client, keeper.sos.release());
  co_return co_await answer(client,
                            change_state(keeper, request.subject, [](UserState& s) { s.switched_off = false; }));
}

}  // namespace faceauth
