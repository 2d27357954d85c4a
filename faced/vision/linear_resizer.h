// OpenCV's resize with INTER_LINEAR, to the bit, in memory that is used again.
#pragma once

#include <faced/vision/block_mean.h>

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

class LinearResizer {
 public:
  // `to` becomes as large as `size`. `picture`: 8-bit, one channel or three.
  void resize(const cv::Mat& picture, const cv::Size& size, cv::Mat& to);

 private:
  // Two neighbours of the picture and their shares in one pixel of the target.
  struct Pair {
    int first, second;
    std::int16_t first_share, second_share;
  };
  static Pair pair_at(int at, int from, int to);
  template <int channels>
  const std::int16_t* row(const cv::Mat& picture, int y);
  std::size_t take_colours(const std::uint8_t* from, int bytes, std::int16_t* to) const;
  template <int channels>
  void resize_to(const cv::Mat& picture, cv::Mat& to);

  std::vector<Pair> across_;
  std::vector<std::int16_t> rows_[2];  // of the picture, as wide as the target: one even, one odd
  int have_[2] = {};                   // which these are
  BlockMean halves_;
};

}  // namespace faceauth::vision
