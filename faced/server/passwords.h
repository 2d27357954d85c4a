// Checking a password against the stored hash, with what a right or wrong one costs.
#pragma once

#include <faced/crypto/password.h>
#include <faced/crypto/secret.h>
#include <faced/server/keeper.h>

#include <faceauth/verdict.h>

#include <cstdint>
#include <string>

namespace faceauth {

// hash_password on the small pool. Errors besides: busy.
asio::awaitable<Result<PasswordHash>> hash_on_worker(Keeper& keeper, SecretBytes password);

enum class PasswordCheck : std::uint8_t {
  right,
  wrong,
  held,    // after failures: not looked at
  none,    // the user has no usable stored password
  busy,    // another check for this user runs, or too many in all
  failed,  // the store or the hash could not be read; the log says why
};
[[nodiscard]] Verdict verdict_of(PasswordCheck check);
[[nodiscard]] bool was_judged(PasswordCheck check);

// Right: clears the failures and counts as strong authentication; a hash of weaker cost is made anew.
// Wrong: counts one failure. The counters are stored before this returns.
asio::awaitable<PasswordCheck> check_password(Keeper& keeper, std::string user, SecretBytes password);

// The same for another module's word that `password` was accepted. `trusted`: the word comes from
// uid 0, so that a differing stored hash is stale, and a user without one is believed.
asio::awaitable<PasswordCheck> check_reported_password(Keeper& keeper, std::string user, SecretBytes password,
                                                       bool trusted);

}  // namespace faceauth
