// "Faces off for everybody, now", across restarts: the file `faces-off` in the store's directory. Where that cannot be
// made it holds for as long as this does.
#pragma once

#include <faceauth/result.h>

#include <string>

namespace faceauth {

class SosSwitch {
 public:
  explicit SosSwitch(std::string store_directory) : path_(std::move(store_directory) + "/faces-off") {}

  [[nodiscard]] bool faces_off() const;  // also true when that cannot be told
  // Synced before they return. Errors: io, no_space; faces are off then in either case.
  [[nodiscard]] Result<void> pull();
  [[nodiscard]] Result<void> release();

 private:
  std::string path_;
  bool pulled_ = false;  // by this daemon
};

}  // namespace faceauth
