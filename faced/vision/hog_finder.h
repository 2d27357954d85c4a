// dlib's frontal face detector, computed by us, its filters on our kernels.
#pragma once

#include <faced/vision/face_kernels.h>

#include <memory>
#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

class HogFinder {
 public:
  // `kernels`: null for dlib itself.
  explicit HogFinder(const Kernels* kernels);
  ~HogFinder();

  // Surest first; valid until the next call. Faces below 80 pixels are not seen. Not thread-safe.
  [[nodiscard]] const std::vector<cv::Rect>& find(const cv::Mat& grey);

  void release_scratch();  // as of Network

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace faceauth::vision
