// dlib's 128-dimensional face recognition network, run by dlib itself on one thread of BLAS.
#pragma once

#include <faced/vision/models.h>

#include <faceauth/sight.h>
#include <array>
#include <memory>
#include <opencv2/core.hpp>

namespace faceauth::vision {

class DlibEncoder {
 public:
  // Throws dlib::serialization_error (a std::exception) when the bytes are not this network.
  explicit DlibEncoder(const ModelFile& model);
  ~DlibEncoder();
  DlibEncoder(const DlibEncoder&) = delete;
  DlibEncoder& operator=(const DlibEncoder&) = delete;

  // `chip` is what dlib_chip() returns: 150x150, RGB. Not thread-safe.
  [[nodiscard]] std::array<float, kDlibDims> encode(const cv::Mat& chip);

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace faceauth::vision
