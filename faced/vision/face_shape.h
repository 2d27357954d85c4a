// dlib's landmark trees, laid out so that walking through them touches little memory. Landmarks are dlib's to the bit.
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

  // In pixels of `grey`. Thread-safe.
  [[nodiscard]] std::vector<cv::Point> find(const cv::Mat& grey, const cv::Rect& box) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace faceauth::vision
