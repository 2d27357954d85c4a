// A small video in memory, encoded by libavcodec.
#pragma once

#include <opencv2/core.hpp>
#include <string>
#include <utility>
#include <vector>

#include "fixtures.h"

namespace faceauth::vision {

// BGR frames of one even size, 25 a second, in `container` ("mp4", "matroska", "avi", ...).
[[nodiscard]] Blob make_clip(const std::vector<cv::Mat>& frames, const std::string& container,
                             const std::string& encoder = "mpeg4");

// {encoder, container} for every codec the eye decodes and this libavcodec can encode.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> clip_kinds();

}  // namespace faceauth::vision
