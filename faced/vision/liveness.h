// fr_liveness: one frame's likelihood of showing a live face instead of a print or a screen.
#pragma once

#include <faced/vision/models.h>

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

namespace faceauth::vision {

class Liveness {
 public:
  explicit Liveness(const ModelFile& model);

  // `bgr` is the frame as the camera gave it (no brightening), `face` the detector's box in it. 0..1, 1 = live.
  // The surroundings matter: without them in the frame the score means nothing. Not thread-safe.
  [[nodiscard]] float measure(const cv::Mat& bgr, const cv::Rect2f& face);

 private:
  cv::dnn::Net net_;
};

}  // namespace faceauth::vision
