// A recording, frame by frame, through the product's own decoder.
#pragma once

#include <faceauth/result.h>

#include <functional>
#include <opencv2/core.hpp>
#include <string>

namespace faceauth::eval {

// `see` says whether to go on; the clip begins anew at its end. Errors: as of open_clip (faced/vision/source.h).
[[nodiscard]] Result<void> for_each_frame(const std::string& clip, const std::function<bool(const cv::Mat& bgr)>& see);

}  // namespace faceauth::eval
