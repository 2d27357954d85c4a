// The one EXIF field that matters here: which way up the camera was held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <span>

namespace faceauth::vision {

// 1 to 8 as EXIF numbers them, from a JPEG APP1 segment's payload; 1 (upright) when it says nothing usable.
[[nodiscard]] int exif_orientation(std::span<const std::uint8_t> app1);

// The same of what follows the segment's mark; other kinds of files have it bare.
[[nodiscard]] int tiff_orientation(std::span<const std::uint8_t> bytes);

// The picture turned and mirrored to stand upright.
[[nodiscard]] cv::Mat upright(const cv::Mat& picture, int orientation);

}  // namespace faceauth::vision
