// Time as a dependency, so that decisions about it can be tested by tables.
#pragma once

#include <time.h>

#include <chrono>

namespace faceauth {

using Steady = std::chrono::steady_clock::time_point;  // durations within one run; not set back by anybody
using UnixTime = std::chrono::sys_seconds;             // what is stored; an administrator may change it

class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Steady steady() const = 0;
  [[nodiscard]] virtual UnixTime unix_time() const = 0;
  // For waits, and how long ago a password was: Unix time as it was when this run began, and what has passed since, a
  // suspended machine's sleep included. Whoever sets the clock meanwhile neither ends nor lengthens them.
  [[nodiscard]] virtual UnixTime wait_time() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Steady steady() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] UnixTime unix_time() const override {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  [[nodiscard]] UnixTime wait_time() const override {
    return std::chrono::floor<std::chrono::seconds>(booted_ + since_boot());
  }

 private:
  [[nodiscard]] static std::chrono::nanoseconds since_boot() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  const std::chrono::sys_time<std::chrono::nanoseconds> booted_ = std::chrono::system_clock::now() - since_boot();
};

}  // namespace faceauth
