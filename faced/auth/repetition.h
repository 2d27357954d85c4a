// Whether a camera shows the same frames again, which the noise of a sensor never does. Pure.
#pragma once

#include <faced/util/clock.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace faceauth {

class Repetition {
 public:
  enum class Kind : std::uint8_t {
    fresh,        // not seen before
    again,        // the frame before once more: some cameras and capture cards do that, but it tells nothing new
    frozen,       // the frame before, for long: a still, or a stream that stopped
    played_back,  // a frame from further back: a recording that loops
  };

  Kind look(std::uint64_t fingerprint, Steady captured);

 private:
  std::vector<std::uint64_t> seen_;  // a ring, once it is full
  std::size_t next_ = 0;
  std::uint64_t last_ = 0;
  Steady last_fresh_{};
  unsigned repeated_ = 0;
};

}  // namespace faceauth
