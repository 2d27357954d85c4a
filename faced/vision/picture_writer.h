// Shows what the camera sees to whoever was let in (faceauth/picture.h).
#pragma once

#include <faced/util/fd.h>

#include <cstdint>
#include <opencv2/core.hpp>

namespace faceauth::vision {

class PictureWriter {
 public:
  // `memory`: as the keeper made it; anything else shows nothing.
  explicit PictureWriter(const Fd& memory);
  PictureWriter(const PictureWriter&) = delete;
  PictureWriter& operator=(const PictureWriter&) = delete;
  ~PictureWriter();

  // Made small. `bgr`: 8-bit, three channels; anything else is left out.
  void show(const cv::Mat& bgr);

 private:
  std::uint8_t* memory_ = nullptr;
};

}  // namespace faceauth::vision
