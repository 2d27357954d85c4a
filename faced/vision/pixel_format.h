// From what a camera's driver delivers to BGR.
#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <span>

namespace faceauth::vision {

struct RawFormat {
  std::uint32_t fourcc = 0;  // V4L2_PIX_FMT_*
  std::uint32_t width = 0, height = 0;
  std::uint32_t stride = 0;  // bytes per row; of the first plane for NV12
};

// 0 for a format this program cannot read; the best of what a camera offers is the one with the highest rank.
[[nodiscard]] int format_rank(std::uint32_t fourcc);

// Bytes that a whole frame has at least; 0 when the layout is impossible, 1 for compressed formats.
[[nodiscard]] std::size_t frame_bytes_min(const RawFormat& format);

class PixelConverter {
 public:
  explicit PixelConverter(const RawFormat& format);

  // An own copy in BGR; empty when `raw` is no whole frame. Throws cv::Exception when out of memory.
  [[nodiscard]] cv::Mat convert(std::span<const std::uint8_t> raw);

 private:
  cv::Mat from_deep(std::span<const std::uint8_t> raw);

  RawFormat format_;
  int deep_bits_ = 8;  // of Y16 the deepest sample seen: drivers put 10 or 12 bits into the lower end of 16
};

}  // namespace faceauth::vision
