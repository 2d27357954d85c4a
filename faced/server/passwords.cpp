#include <faced/server/passwords.h>

#include <faced/server/audit.h>
#include <faced/util/log.h>

#include <optional>

namespace faceauth {
namespace {

PasswordCheck failed(const Error& error) {
  log::error(error.message);
  return PasswordCheck::failed;
}

struct Comparison {
  bool equal = false;
  std::optional<PasswordHash> stronger;  // when equal and the stored one is of weaker cost
};

// On a worker: as slow as Argon2id is meant to be.
asio::awaitable<Result<Comparison>> compare(Keeper& keeper, PasswordHash hash, SecretBytes password) {
  auto work = [hash = std::move(hash), password = std::move(password)] {
    Comparison result;
    result.equal = password_matches(hash, password.bytes());
    if (result.equal && password_hash_is_weaker(hash)) {
      Result<PasswordHash> stronger = hash_password(password.bytes());
      if (stronger) result.stronger = std::move(*stronger);
    }
    return result;
  };
  co_return co_await keeper.hashing.run(std::move(work));
}

struct Stored {
  std::optional<PasswordHash> hash;
  UserState state;
};

Result<Stored> read_stored(Keeper& keeper, const std::string& user) {
  Result<UserSummary> summary = keeper.store.user(user);
  if (!summary) return fail(std::move(summary));
  Result<std::optional<PasswordHash>> hash = keeper.store.password(user);
  if (!hash) return fail(std::move(hash));
  return Stored{std::move(*hash), summary->state};
}

Result<void> count(Keeper& keeper, const std::string& user, bool right) {
  const Result<UserSummary> fresh = keeper.store.user(user);
  if (!fresh) return tl::unexpected<Error>(fresh.error());
  UserState state = fresh->state;
  const UnixTime now = keeper.clock.unix_time();
  if (right)
    password_matched(state, now, keeper.boot);
  else
    password_refused(state, keeper.config->lockout, now);
  if (state == fresh->state) return {};
  const auto lockout = lockout_event(keeper, user, fresh->uid, fresh->state, state);
  return keeper.store.set_state(user, state, lockout ? &*lockout : nullptr);
}

asio::awaitable<PasswordCheck> judge(Keeper& keeper, const std::string& user, Stored stored, SecretBytes password) {
  Result<Comparison> compared = co_await compare(keeper, std::move(*stored.hash), std::move(password));
  if (!compared) co_return compared.error().code == Errc::busy ? PasswordCheck::busy : failed(compared.error());
  const Result<void> counted = count(keeper, user, compared->equal);
  // A failure that cannot be counted would be a free guess, and a success that cannot be recorded is not believed.
  if (!counted) co_return failed(counted.error());
  if (!compared->equal) co_return PasswordCheck::wrong;
  if (compared->stronger) {
    const Result<void> raised = keeper.store.set_password(user, *compared->stronger);
    if (!raised)
      log::warning("raising the cost of a stored password: " + raised.error().message, {{"FACEAUTH_USER", user}});
  }
  co_return PasswordCheck::right;
}

}  // namespace

Verdict verdict_of(PasswordCheck check) {
  switch (check) {
    case PasswordCheck::right:
      return Verdict::match;
    case PasswordCheck::wrong:
      return Verdict::no_match;
    case PasswordCheck::held:
      return Verdict::locked_out;
    case PasswordCheck::none:
      return Verdict::not_enrolled;
    case PasswordCheck::busy:
      return Verdict::busy;
    case PasswordCheck::failed:
      return Verdict::error;
  }
  return Verdict::error;
}

bool was_judged(PasswordCheck check) { return check == PasswordCheck::right || check == PasswordCheck::wrong; }

asio::awaitable<Result<PasswordHash>> hash_on_worker(Keeper& keeper, SecretBytes password) {
  auto work = [password = std::move(password)] { return hash_password(password.bytes()); };
  auto hashed = co_await keeper.hashing.run(std::move(work));
  if (!hashed) co_return fail(std::move(hashed));
  co_return std::move(*hashed);
}

asio::awaitable<PasswordCheck> check_password(Keeper& keeper, std::string user, SecretBytes password) {
  const InUse one_at_a_time(keeper.passwords_in_check, user);
  if (!one_at_a_time.held()) co_return PasswordCheck::busy;
  Result<Stored> stored = read_stored(keeper, user);
  if (!stored) co_return stored.error().code == Errc::not_found ? PasswordCheck::none : failed(stored.error());
  if (!stored->hash || stored->state.password_stale) co_return PasswordCheck::none;
  if (password_hold(stored->state, keeper.config->lockout, keeper.clock.unix_time()) != Hold::none)
    co_return PasswordCheck::held;
  co_return co_await judge(keeper, user, std::move(*stored), std::move(password));
}

asio::awaitable<PasswordCheck> check_reported_password(Keeper& keeper, std::string user, SecretBytes password,
                                                       bool trusted) {
  const InUse one_at_a_time(keeper.passwords_in_check, user);
  if (!one_at_a_time.held()) co_return PasswordCheck::busy;
  Result<Stored> stored = read_stored(keeper, user);
  if (!stored) co_return stored.error().code == Errc::not_found ? PasswordCheck::none : failed(stored.error());

  if (!trusted) {
    if (!stored->hash) co_return PasswordCheck::none;
    if (password_hold(stored->state, keeper.config->lockout, keeper.clock.unix_time()) != Hold::none)
      co_return PasswordCheck::held;
    co_return co_await judge(keeper, user, std::move(*stored), std::move(password));
  }

  bool equal = true;
  if (stored->hash && !password.empty()) {
    Result<Comparison> compared = co_await compare(keeper, std::move(*stored->hash), std::move(password));
    if (!compared) co_return compared.error().code == Errc::busy ? PasswordCheck::busy : failed(compared.error());
    equal = compared->equal;
  } else if (stored->hash) {
    co_return PasswordCheck::none;  // accepted by something that left no password: no word about ours
  }
  const UnixTime now = keeper.clock.unix_time();
  const Result<void> recorded = change_state(keeper, user, [&](UserState& state) {
    if (equal) password_matched(state, now, keeper.boot);
    state.password_stale = !equal;
  });
  if (!recorded) co_return failed(recorded.error());
  co_return equal ? PasswordCheck::right : PasswordCheck::wrong;
}

}  // namespace faceauth
