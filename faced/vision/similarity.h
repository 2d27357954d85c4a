// Least-squares similarity transforms (rotation, one scale, shift; never a reflection) between point sets.
#pragma once

#include <opencv2/core.hpp>
#include <span>

namespace faceauth::vision {

// The 2x3 matrix M that minimises the sum of |M*from - to|^2. Identity when the points do not determine one.
[[nodiscard]] cv::Matx23f fit_similarity(std::span<const cv::Point2f> from, std::span<const cv::Point2f> to);

}  // namespace faceauth::vision
