#include <faced/vision/fingerprint.h>

#include <algorithm>
#include <cstring>

namespace faceauth::vision {

// Eight bytes at a step; a sensor's noise changes some of them in every frame.
std::uint64_t fingerprint(const cv::Mat& bgr) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::uint64_t hash = static_cast<std::uint64_t>(bgr.rows) << 32 | static_cast<std::uint32_t>(bgr.cols);
  const std::size_t size = static_cast<std::size_t>(bgr.cols) * bgr.elemSize();
  for (int y = 0; y < bgr.rows; ++y) {
    const std::uint8_t* row = bgr.ptr(y);
    for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, row + at, std::min(sizeof word, size - at));
      hash = (hash ^ word) * kOdd;
      hash ^= hash >> 29;
    }
  }
  return std::max<std::uint64_t>(hash, 1);
}

}  // namespace faceauth::vision
