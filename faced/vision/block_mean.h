// OpenCV's resize with INTER_AREA where each pixel of the target is the mean of whole ones, to the bit; and with
// INTER_LINEAR where a picture is halved, which OpenCV takes for the same.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

class BlockMean {
 public:
  // `to` becomes as large as `size`, which divides the size of `picture` (8-bit). Memory is used again.
  void shrink(const cv::Mat& picture, const cv::Size& size, cv::Mat& to);

 private:
  std::vector<std::uint16_t> pairs_;  // sums of two rows
  std::vector<std::uint8_t> means_;   // of blocks
  std::vector<std::uint32_t> sums_;   // of a block's rows
};

}  // namespace faceauth::vision
