// Imported faces that wait for a scan, as the daemon lists them.
#pragma once

#include <enroll-tool/connection.h>

#include <cstdint>

namespace faceauth::enroll {

// Reads the templates that follow a user in a list: whether there are some, and nobody can log in by any of them.
[[nodiscard]] Result<bool> templates_wait(Connection& connection, std::uint32_t count);

}  // namespace faceauth::enroll
