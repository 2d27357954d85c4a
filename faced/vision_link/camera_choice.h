// Which of several cameras "auto" means. Pure.
#pragma once

#include <faced/vision_link/camera_identity.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace faceauth {

struct CameraWishes {
  std::string remembered;       // camera_mark() of the one that faces were registered with; empty: none yet
  bool infrared_first = false;  // where either kind would do
  bool operator==(const CameraWishes&) const = default;
};

// The order in which to try them, as indices: the remembered one, wherever it is plugged in now; else one of the
// wanted light; what is built in before what was plugged in before what nothing real stands behind; then as given.
[[nodiscard]] std::vector<std::size_t> order_of_cameras(std::span<const CameraIdentity* const> cameras,
                                                        const CameraWishes& wishes);

}  // namespace faceauth
