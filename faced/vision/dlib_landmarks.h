// dlib's classic parts: the HOG face box and the five landmarks.
#pragma once

#include <faced/vision/face_kernels.h>
#include <faced/vision/models.h>

#include <array>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>

namespace faceauth::vision {

// Outer and inner corner of the subject's left eye, outer and inner corner of the right eye, base of the nose.
using FivePoints = std::array<cv::Point2f, 5>;

class DlibLandmarks {
 public:
  // Throws a std::exception when the bytes are no shape predictor.
  explicit DlibLandmarks(const ModelFile& shape, const Kernels* kernels = best_kernels());
  ~DlibLandmarks();
  DlibLandmarks(const DlibLandmarks&) = delete;
  DlibLandmarks& operator=(const DlibLandmarks&) = delete;

  // The HOG box whose centre is nearest to `expected_centre`, if one lies within half its own side of it.
  // Faces below 80 pixels are not seen. Not thread-safe.
  [[nodiscard]] std::optional<cv::Rect> find(const cv::Mat& grey, cv::Point2f expected_centre);

  [[nodiscard]] FivePoints landmarks(const cv::Mat& grey, const cv::Rect& hog_box);

  void release_scratch();  // as of Network

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace faceauth::vision
