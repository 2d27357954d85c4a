// The chip that dlib's recogniser was trained on: with a quarter of padding, RGB, resampled the way dlib does it.
#pragma once

#include <faced/vision/dlib_landmarks.h>

#include <memory>
#include <opencv2/core.hpp>

namespace faceauth::vision {

class DlibChip {
 public:
  static constexpr int kSide = 150;

  DlibChip();
  ~DlibChip();
  DlibChip(const DlibChip&) = delete;
  DlibChip& operator=(const DlibChip&) = delete;

  // The memory of `chip` is used again. Not thread-safe.
  void cut(const cv::Mat& bgr, const FivePoints& points, cv::Mat& chip);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace faceauth::vision
