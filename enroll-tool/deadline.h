// A moment on the monotonic clock before which something must have happened.
#pragma once

#include <algorithm>
#include <chrono>

namespace faceauth::enroll {

class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds within) : at_(Clock::now() + within) {}

  [[nodiscard]] std::chrono::milliseconds left() const {
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()), std::chrono::milliseconds(0));
  }
  // As poll(2) wants it.
  [[nodiscard]] int left_ms() const { return static_cast<int>(left().count()); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point at_;
};

}  // namespace faceauth::enroll
