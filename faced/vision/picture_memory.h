// Memory for a picture that is made anew for each frame, larger now and smaller then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

class PictureMemory {
 public:
  // Its pixels are whatever was there. Valid until the next call; the memory only grows.
  [[nodiscard]] cv::Mat picture(const cv::Size& size, int type) {
    const std::size_t bytes = static_cast<std::size_t>(size.area()) * CV_ELEM_SIZE(type);
    if (bytes_.size() < bytes) bytes_.resize(bytes);
    return {size, type, bytes_.data()};
  }

 private:
  std::vector<std::uint8_t> bytes_;
};

}  // namespace faceauth::vision
