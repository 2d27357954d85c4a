// Plain measurements of a face picture. Whether they suffice is the keeper's decision.
#pragma once

#include <faced/vision/aligner.h>

#include <faceauth/sight.h>
#include <opencv2/core.hpp>

namespace faceauth::vision {

[[nodiscard]] Quality measure_quality(const cv::Mat& bgr, const AlignedFace& face);

}  // namespace faceauth::vision
