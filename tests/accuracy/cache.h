// Encodings of earlier runs, so that a second run takes seconds. They are biometric data: the directory is the user's
// alone (0700) and a directory of anybody else's making is not used.
#pragma once

#include <faceauth/result.h>
#include <faceauth/sight.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace faceauth::eval {

class Cache {
 public:
  Cache() = default;  // keeps nothing
  // XDG_CACHE_HOME/faceauth/encodings, else under HOME/.cache. Errors: io, unsafe_path.
  [[nodiscard]] static Result<Cache> open();
  [[nodiscard]] static Result<Cache> open(const std::string& directory);

  // What was made of these file bytes in this way (`how`), by the same models and the same analysis code.
  [[nodiscard]] std::optional<Sight> find(std::span<const std::uint8_t> file, const std::string& how) const;
  void keep(std::span<const std::uint8_t> file, const std::string& how, const Sight& sight) const;

 private:
  [[nodiscard]] std::string path_for(std::span<const std::uint8_t> file, const std::string& how) const;
  std::string directory_;
};

}  // namespace faceauth::eval
