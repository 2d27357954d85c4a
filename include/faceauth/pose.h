// How a person who registers is asked to hold his head, left and right being his own. Values travel on the wire:
// append, never renumber.
#pragma once

#include <cstdint>

namespace faceauth {

enum class Pose : std::uint8_t { straight = 0, left = 1, right = 2, up = 3 };
inline constexpr std::uint8_t kPoseLast = 3;

constexpr const char* pose_name(Pose pose) noexcept {
  switch (pose) {
    case Pose::straight:
      return "straight";
    case Pose::left:
      return "left";
    case Pose::right:
      return "right";
    case Pose::up:
      return "up";
  }
  return "straight";
}

}  // namespace faceauth
