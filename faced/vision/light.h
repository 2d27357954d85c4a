// Making the most of dark pictures. Exposure is never reduced and good light is left exactly as it is.
#pragma once

#include <opencv2/core.hpp>

namespace faceauth::vision {

// `bgr` itself when its bright parts are bright; else a copy stretched so that they are, and smoothed a little when
// that took much gain, since what is stretched is mostly noise.
[[nodiscard]] cv::Mat brightened(const cv::Mat& bgr);

}  // namespace faceauth::vision
