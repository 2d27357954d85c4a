// Which camera "auto" last registered somebody with, across restarts: the file `camera` in the store's directory. It
// only orders the cameras that the configuration takes, so a lost or stale file costs nothing but a choice.
#pragma once

#include <faceauth/result.h>

#include <array>
#include <cstddef>
#include <string>

namespace faceauth {

class CameraMemory {
 public:
  using Marks = std::array<std::string, 2>;  // camera_mark(), by place; empty: none

  explicit CameraMemory(std::string store_directory) : path_(std::move(store_directory) + "/camera") {}

  [[nodiscard]] Marks recall() const;  // nothing of what cannot be read or is no mark
  // Errors: io, no_space.
  [[nodiscard]] Result<void> note(const Marks& marks) const;

 private:
  std::string path_;
};

}  // namespace faceauth
