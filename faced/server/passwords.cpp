#include <faced/server/passwords.h>

#include <faced/server/audit.h>
#include <faced/util/log.h>

#include <chrono>
#include <optional>

namespace faceauth {
namespace {

PasswordCheck failed(const Error& error) {
  log::error(error.message);
  return PasswordCheck::failed;
}

void note_hashing(Keeper& keeper, Steady begun) {
  keeper.hashing_took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
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
  const Steady begun = std::chrono::steady_clock::now();
  Result<Comparison> compared = co_await keeper.hashing.run(std::move(work));
  if (compared) note_hashing(keeper, begun);
  co_return compared;
}

struct Stored {
  RegistrationId registration{};
  std::optional<PasswordHash> hash;
  UserState state;
};

Result<Stored> read_stored(Keeper& keeper, const std::string& user) {
  Result<UserSummary> summary = keeper.store.user(user);
  if (!summary) return fail(std::move(summary));
  Result<std::optional<PasswordHash>> hash = keeper.store.password(user);
  if (!hash) return fail(std::move(hash));
  return Stored{summary->registration, std::move(*hash), summary->state};
}

// While a hash was computed its user may have been removed, and another been registered under his name: what was found
// out about the one says nothing about the other.
bool is_still_there(Keeper& keeper, const std::string& user, const RegistrationId& registration) {
  const Result<UserSummary> now = keeper.store.user(user);
  return now && now->registration == registration;
}

void store_stronger(Keeper& keeper, const std::string& user, const std::optional<PasswordHash>& stronger) {
  if (!stronger) return;
  if (const Result<void> raised = keeper.store.set_password(user, *stronger); !raised)
    log::warning("raising the cost of a stored password: " + raised.error().message, {{"FACEAUTH_USER", user}});
}

asio::awaitable<PasswordCheck> judge(Keeper& keeper, const std::string& user, Stored stored, SecretBytes password,
                                     PasswordUse use) {
  Result<Comparison> compared = co_await compare(keeper, std::move(*stored.hash), std::move(password));
  if (!compared) co_return compared.error().code == Errc::busy ? PasswordCheck::busy : failed(compared.error());
  if (!is_still_there(keeper, user, stored.registration)) co_return PasswordCheck::none;
  const UnixTime now = keeper.clock.wait_time();
  const Result<void> counted = count_attempt(keeper, user, [&](UserState& state) {
    if (use == PasswordUse::look_only) return;
    if (!compared->equal)
      password_refused(state, keeper.config->lockout, now);
    else if (use == PasswordUse::beside_face)
      password_matched_beside_face(state, now, keeper.boot);
    else
      password_matched(state, now, keeper.boot);
  });
  // A failure that cannot be counted would be a free guess, and a success that cannot be recorded is not believed.
  if (!counted) co_return failed(counted.error());
  if (!compared->equal) co_return PasswordCheck::wrong;
  store_stronger(keeper, user, compared->stronger);
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
  const Steady begun = std::chrono::steady_clock::now();
  auto hashed = co_await keeper.hashing.run(std::move(work));
  if (hashed) note_hashing(keeper, begun);
  if (!hashed) co_return fail(std::move(hashed));
  co_return std::move(*hashed);
}

asio::awaitable<PasswordCheck> check_password(Keeper& keeper, std::string user, SecretBytes password, PasswordUse use) {
  const InUse one_at_a_time(keeper.passwords_in_check, user);
  if (!one_at_a_time.held()) co_return PasswordCheck::busy;
  Result<Stored> stored = read_stored(keeper, user);
  if (!stored) co_return stored.error().code == Errc::not_found ? PasswordCheck::none : failed(stored.error());
  if (!stored->hash || stored->state.password_stale) co_return PasswordCheck::none;
  if (password_hold(stored->state, keeper.config->lockout, keeper.clock.wait_time()) != Hold::none)
    co_return PasswordCheck::held;
  co_return co_await judge(keeper, user, std::move(*stored), std::move(password), use);
}

asio::awaitable<PasswordCheck> check_reported_password(Keeper& keeper, std::string user, SecretBytes password,
                                                       bool trusted) {
  const InUse one_at_a_time(keeper.passwords_in_check, user);
  if (!one_at_a_time.held()) co_return PasswordCheck::busy;
  Result<Stored> stored = read_stored(keeper, user);
  if (!stored) co_return stored.error().code == Errc::not_found ? PasswordCheck::none : failed(stored.error());

  if (!trusted) {
    if (!stored->hash || stored->state.password_stale) co_return PasswordCheck::none;
    if (password_hold(stored->state, keeper.config->lockout, keeper.clock.wait_time()) != Hold::none)
      co_return PasswordCheck::held;
    co_return co_await judge(keeper, user, std::move(*stored), std::move(password), PasswordUse::suffices);
  }

  Comparison compared{.equal = true};
  if (stored->hash && !password.empty()) {
    Result<Comparison> done = co_await compare(keeper, std::move(*stored->hash), std::move(password));
    if (!done) co_return done.error().code == Errc::busy ? PasswordCheck::busy : failed(done.error());
    compared = std::move(*done);
  } else if (stored->hash) {
    co_return PasswordCheck::none;  // accepted by something that left no password: no word about ours
  }
  if (!is_still_there(keeper, user, stored->registration)) co_return PasswordCheck::none;
  const UnixTime now = keeper.clock.wait_time();
  // A hash that is stale already says as little as none would: without this, somebody whose password was changed behind
  // our back could never authenticate strongly again.
  const bool counts = compared.equal || stored->state.password_stale;
  const Result<void> recorded = change_state(keeper, user, [&](UserState& state) {
    if (counts) password_matched(state, now, keeper.boot);
    state.password_stale = !compared.equal;
  });
  if (!recorded) co_return failed(recorded.error());
  store_stronger(keeper, user, compared.stronger);
  co_return counts ? PasswordCheck::right : PasswordCheck::wrong;
}

}  // namespace faceauth
