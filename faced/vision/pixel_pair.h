// Two neighbours in a row of a picture in colours, blended: the three channels at once.
#pragma once

#include <cstdint>
#include <opencv2/core/hal/intrin.hpp>

namespace faceauth::vision {

inline constexpr int kPairBytes = 8;  // that are read: two more than two pixels have

// Two weights, as blended() wants them.
[[nodiscard]] inline cv::v_int16x8 weights(int left, int right) {
  return cv::v_reinterpret_as_s16(cv::v_setall_u32(static_cast<unsigned>(left) | static_cast<unsigned>(right) << 16));
}

// For each channel left * pixel + right * next pixel; the fourth number means nothing.
[[nodiscard]] inline cv::v_int32x4 blended(const std::uint8_t* pixel, const cv::v_int16x8& weights) {
  const cv::v_uint8x16 left = cv::v_load_low(pixel);
  cv::v_uint8x16 pairs, rest;
  cv::v_zip(left, cv::v_rotate_right<3>(left), pairs, rest);
  return cv::v_dotprod(cv::v_reinterpret_as_s16(cv::v_expand_low(pairs)), weights);
}

}  // namespace faceauth::vision
