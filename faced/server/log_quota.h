// Bounds how many lines of one kind strangers can have written into the log.
#pragma once

#include <faced/util/clock.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace faceauth {

class LogQuota {
 public:
  // How many were left out since the last one that was told; nothing when this one is to be left out, too.
  std::optional<std::uint64_t> next(Steady now) {
    const auto earned = std::chrono::duration_cast<std::chrono::seconds>(now - counted_from_) / kEach;
    if (earned > 0) {
      tokens_ = static_cast<unsigned>(std::min<std::int64_t>(kBurst, tokens_ + earned));
      counted_from_ = now;
    }
    if (tokens_ == 0) {
      ++left_out_;
      return std::nullopt;
    }
    --tokens_;
    return std::exchange(left_out_, 0);
  }

 private:
  static constexpr unsigned kBurst = 50;
  static constexpr std::chrono::seconds kEach{2};
  unsigned tokens_ = kBurst;
  std::uint64_t left_out_ = 0;
  Steady counted_from_{};
};

}  // namespace faceauth
