// The system's users, by the name service. May wait for a directory server: call on a worker.
#pragma once

#include <faceauth/result.h>

#include <cstdint>
#include <string>

namespace faceauth {

// Errors: not_found (no such user), io (the name service failed: not the same thing).
[[nodiscard]] Result<std::uint32_t> uid_of(const std::string& user);

// The same for who acts on the absence of a user: one that a part of the name service could not look for is `io`.
[[nodiscard]] Result<std::uint32_t> uid_of_if_certain(const std::string& user);

// What getpwnam_r's result without an entry says. Some modules report a missing user, others their own failure, by the
// same values (getpwnam(3)); `certain` takes them for a failure.
[[nodiscard]] Errc absence(int error, bool certain);

}  // namespace faceauth
