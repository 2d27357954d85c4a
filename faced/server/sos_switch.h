// "Faces off for everybody, now", across restarts: the file `faces-off` in the store's directory.
#pragma once

#include <faceauth/result.h>

#include <string>

namespace faceauth {

class SosSwitch {
 public:
  explicit SosSwitch(std::string store_directory) : path_(std::move(store_directory) + "/faces-off") {}

  [[nodiscard]] bool faces_off() const;  // also true when that cannot be told
  // Synced before they return. Errors: io, no_space.
  [[nodiscard]] Result<void> pull() const;
  [[nodiscard]] Result<void> release() const;

 private:
  std::string path_;
};

}  // namespace faceauth
