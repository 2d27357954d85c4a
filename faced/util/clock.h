// Time as a dependency, so that decisions about it can be tested by tables.
#pragma once

#include <chrono>

namespace faceauth {

using Steady = std::chrono::steady_clock::time_point;  // durations within one run; not set back by anybody
using UnixTime = std::chrono::sys_seconds;             // what is stored; an administrator may change it

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Steady steady() const = 0;
  [[nodiscard]] virtual UnixTime unix_time() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Steady steady() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] UnixTime unix_time() const override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
};

}  // namespace faceauth
