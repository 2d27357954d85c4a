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

// What `doctor` looks at, as the configuration says it or by default. The daemon alone judges whether that is valid.
struct Settings {
  std::string socket = kDefaultSocket;
  std::string store = "/var/lib/faceauth";
  std::string models = "/usr/share/faceauth/models";
  std::string key = "credential:faceauth.key";
  std::string camera = "auto";
  std::string encoder;  // empty: the shipped one
  std::string liveness = "passive";
};
[[nodiscard]] Result<Settings> read_settings(const std::string& file);

}  // namespace faceauth::enroll
