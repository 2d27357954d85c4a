// Where the daemon listens, from faced.toml.
#pragma once

#include <faceauth/result.h>

#include <string>

namespace faceauth::enroll {

inline constexpr char kDefaultConfig[] = "/etc/faceauth/faced.toml";
inline constexpr char kDefaultSocket[] = "/run/faceauth/faced.sock";

// [paths].socket of `file`, or the default when it names none. A missing file is an error unless it is
// kDefaultConfig. The rest of the file is the daemon's business. No trust is placed in the file: whoever listens
// is checked when connecting.
[[nodiscard]] Result<std::string> socket_path(const std::string& file);

}  // namespace faceauth::enroll
