// Infrared cameras light every other frame, or none at all for a while: which of their frames are worth looking at.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>

namespace faceauth::vision {

// One camera session's frames, in order. Not thread-safe.
class Strobe {
 public:
  // False for a frame that shows nothing: one that is dark by itself, or far darker than those before it; and for the
  // first one of all, which has none before it to be held against.
  [[nodiscard]] bool is_lit(const cv::Mat& bgr, std::uint64_t captured_ns);

  // The frame without the emitter's light that was taken just before this time; empty when there was none.
  [[nodiscard]] cv::Mat unlit_before(std::uint64_t captured_ns) const;

 private:
  static constexpr std::size_t kRemembered = 8;  // emitters have been seen to light every second or third frame
  std::array<double, kRemembered> levels_{};     // mean grey, a ring
  std::size_t seen_ = 0;
  cv::Mat unlit_;
  std::uint64_t unlit_ns_ = 0;
};

// How much of the light on `face` is gone in `unlit`, 0..1; 1 where the two cannot be compared.
[[nodiscard]] float emitter_share(const cv::Mat& lit, const cv::Mat& unlit, const cv::Rect2f& face);

}  // namespace faceauth::vision
