// What the attempts before several cameras, side by side, come to. Pure.
#pragma once

#include <faceauth/verdict.h>

#include <cstddef>
#include <optional>
#include <span>

namespace faceauth {

struct CameraVerdict {
  Verdict verdict = Verdict::error;
  bool judged = false;  // a face was compared
};

struct JointVerdict {
  CameraVerdict verdict;
  std::size_t decided_by = 0;  // which camera
};

// A match only where every camera says so. Else what the most refusing one says: a face that was compared and refused
// goes before whatever kept another camera from judging; of equals the first. Nothing stands for a camera that has not
// come to a verdict.
[[nodiscard]] JointVerdict joint_verdict(std::span<const std::optional<CameraVerdict>> cameras);

}  // namespace faceauth
