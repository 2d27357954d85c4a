// That somebody knows a user's password, as proved on one connection.
#pragma once

#include <faced/crypto/password.h>
#include <faced/store/records.h>
#include <faced/util/clock.h>

#include <faceauth/result.h>

#include <string>

namespace faceauth {

struct Keeper;
class Connection;

// Says nothing about who is registered under the name since, nor about a password that was set since.
struct Proof {
  std::string user;
  RegistrationId registration{};
  PasswordHash password;  // as stored when it was found right
  UnixTime at{};          // Clock::wait_time()
};

// After a right password; nothing when it is not the registration's any more.
void note_proof(const Keeper& keeper, Connection& client, const std::string& user, const RegistrationId& registration);

// Whether the connection proved the password that `user` still has, not longer than limits::kProofLastsMs ago.
[[nodiscard]] bool is_proven(const Keeper& keeper, const Connection& client, const std::string& user);

// To be asked again by whatever changes a user, right before it does: root may, and whose proof stands. One that
// expired since its request began does. Errors: not_permitted.
[[nodiscard]] Result<void> may_still_change(const Keeper& keeper, const Connection& client, const std::string& user);

}  // namespace faceauth
