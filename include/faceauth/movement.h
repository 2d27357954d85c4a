// What a person is asked to do before the camera, left and right being his own. Values travel on the wire: append,
// never renumber.
#pragma once

#include <cstdint>

namespace faceauth {

enum class Movement : std::uint8_t {
  look_straight = 0,  // between two movements
  turn_left = 1,
  turn_right = 2,
  nod = 3,
  blink = 4,
};
inline constexpr std::uint8_t kMovementLast = 4;

}  // namespace faceauth
