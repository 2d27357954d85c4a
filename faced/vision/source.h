// Where frames come from. Each source is used by the capture thread alone.
#pragma once

#include <faceauth/result.h>

#include <faced/util/clock.h>
#include <faced/util/fd.h>

#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <stop_token>
#include <vector>

namespace faceauth::vision {

struct CapturedFrame {
  cv::Mat bgr;                    // 8-bit; owns its pixels
  std::uint64_t captured_ns = 0;  // CLOCK_MONOTONIC
};

class FrameSource {
 public:
  virtual ~FrameSource() = default;

  // The next frame. Errors: timed_out (none before the deadline; ask again), camera_unavailable (gone for good).
  [[nodiscard]] virtual Result<CapturedFrame> next(Steady deadline) = 0;
};

using OpenedSource = Result<std::unique_ptr<FrameSource>>;

// All three take a descriptor that somebody else opened and vetted. Errors: camera_unavailable, with the reason.
[[nodiscard]] OpenedSource open_v4l2(Fd device);
[[nodiscard]] OpenedSource open_stills(std::vector<Fd> files);                 // in order, over and over
[[nodiscard]] OpenedSource open_clip(Fd file, const std::stop_token& cancel);  // from its start, over and over

[[nodiscard]] std::uint64_t monotonic_ns();

}  // namespace faceauth::vision
