// Making the most of dark pictures. Exposure is never reduced and good light is left exactly as it is.
#pragma once

#include <faced/vision/picture_memory.h>

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

class Brightener {
 public:
  // `bgr` itself when its bright parts are bright; else a copy stretched so that they are, and smoothed a little when
  // that took much gain, since what is stretched is mostly noise. The copy is valid until the next call.
  [[nodiscard]] cv::Mat brighten(const cv::Mat& bgr);

 private:
  void smooth(cv::Mat& bgr);

  PictureMemory copy_;
  std::vector<std::uint16_t> sums_[3];  // of neighbours in a row
};

}  // namespace faceauth::vision
