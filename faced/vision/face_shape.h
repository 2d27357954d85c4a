// dlib's landmark trees, laid out so that walking through them touches little memory. Landmarks are dlib's
// to the pixel.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

class FaceShape {
 public:
  // Reads dlib's file. Throws when it is none.
  explicit FaceShape(std::istream& in);
  ~FaceShape();

  // In pixels of `grey`; valid until the next call. Not thread-safe.
  [[nodiscard]] const std::vector<cv::Point>& find(const cv::Mat& grey, const cv::Rect& box);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace faceauth::vision
