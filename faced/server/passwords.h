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

enum class PasswordUse : std::uint8_t {
  suffices,     // right: clears all failures, the face's too, and counts as strong authentication
  beside_face,  // right: clears the password's failures alone, and counts as strong authentication
  look_only,    // root only looks: changes nothing
};

// Wrong: counts one failure, unless root only looks. The counters are stored before this returns. A right password
// whose hash is of weaker cost than today's is hashed anew.
asio::awaitable<PasswordCheck> check_password(Keeper& keeper, std::string user, SecretBytes password,
                                              PasswordUse use = PasswordUse::suffices);

// The same for another module's word that `password` was accepted. `trusted`: the word comes from uid 0. Then a stored
// hash that differs becomes stale (`wrong`, once), and the word alone counts for a user without a usable hash.
asio::awaitable<PasswordCheck> check_reported_password(Keeper& keeper, std::string user, SecretBytes password,
                                                       bool trusted);

}  // namespace faceauth
