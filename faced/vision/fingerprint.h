// Tells whether two frames are the same, pixel by pixel.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>

namespace faceauth::vision {

// Never 0. Not collision-resistant: whoever made two frames look alike here would only be refused sooner.
[[nodiscard]] std::uint64_t fingerprint(const cv::Mat& bgr);

}  // namespace faceauth::vision
