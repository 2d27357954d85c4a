// fr_liveness: one frame's likelihood of showing a live face instead of a print or a screen, by two crops of it.
#pragma once

#include <faced/vision/linear_resizer.h>
#include <faced/vision/models.h>
#include <faced/vision/network.h>

#include <opencv2/core.hpp>

namespace faceauth::vision {

struct LiveLook {
  float wide = 0, near = 0;  // 0..1, 1 = live: with more and with less around the face
  float surroundings = 0;    // 0..1: how much of the wide crop the frame holds
};

class Liveness {
 public:
  explicit Liveness(const ModelFile& model, const Kernels* kernels = best_kernels());

  // `bgr` is the frame as the camera gave it (no brightening), `face` the detector's box in it.
  // The surroundings matter: without them in the frame the score means nothing. Not thread-safe.
  [[nodiscard]] LiveLook measure(const cv::Mat& bgr, const cv::Rect2f& face);

  void release_scratch() {
    net_.release_scratch();
    input_.release();
  }

 private:
  float likelihood(const cv::Mat& crop);
  Network net_;
  LinearResizer resizer_;
  cv::Mat input_;
};

}  // namespace faceauth::vision
