// A small video in memory, encoded by libavcodec.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "fixtures.h"

namespace faceauth::vision {

// BGR frames of one even size, 25 a second, as MPEG-4 in `container` ("mp4" or "matroska").
[[nodiscard]] Blob make_clip(const std::vector<cv::Mat>& frames, const std::string& container);

}  // namespace faceauth::vision
