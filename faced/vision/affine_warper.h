// OpenCV's warpAffine with INTER_LINEAR, to the bit, in memory that is used again.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

class AffineWarper {
 public:
  // What is seen beyond the picture: BORDER_CONSTANT, BORDER_REPLICATE.
  enum class Beyond { black, edge };

  // `matrix` leads from `picture`, 8-bit with one channel or three, to `to`, which becomes as large as `size`.
  void warp(const cv::Mat& picture, const cv::Matx23f& matrix, const cv::Size& size, Beyond beyond, cv::Mat& to);

 private:
  std::vector<cv::Point> columns_;  // how far each lies from the first, in the picture
};

}  // namespace faceauth::vision
