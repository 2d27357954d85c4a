// The 150x150 chip that dlib's recogniser was trained on: with a quarter of padding, RGB, resampled the way dlib does
// it.
#pragma once

#include <faced/vision/dlib_landmarks.h>

#include <memory>
#include <opencv2/core.hpp>

namespace faceauth::vision {

class DlibChip {
 public:
  DlibChip();
  ~DlibChip();
  DlibChip(const DlibChip&) = delete;
  DlibChip& operator=(const DlibChip&) = delete;

  // Not thread-safe.
  [[nodiscard]] cv::Mat cut(const cv::Mat& bgr, const FivePoints& points);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace faceauth::vision
