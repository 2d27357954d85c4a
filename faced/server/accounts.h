// The system's users, by the name service. May wait for a directory server: call on a worker.
#pragma once

#include <faceauth/result.h>

#include <cstdint>
#include <string>

namespace faceauth {

// Errors: not_found (no such user), io (the name service failed: not the same thing).
[[nodiscard]] Result<std::uint32_t> uid_of(const std::string& user);

}  // namespace faceauth
