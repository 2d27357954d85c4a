// dlib's 128-dimensional face recognition network: its weights on our own kernels, or dlib itself where there are none
// for the processor. Both give the same encodings but for rounding (at most 1e-5 apart); one thread.
#pragma once

#include <faced/vision/face_kernels.h>
#include <faced/vision/models.h>

#include <faceauth/sight.h>
#include <array>
#include <memory>
#include <opencv2/core.hpp>

namespace faceauth::vision {

class DlibNetwork;
class FaceNet;

class DlibEncoder {
 public:
  // `kernels`: null for dlib itself. Throws a std::exception when the bytes are not this network.
  explicit DlibEncoder(const ModelFile& model, const Kernels* kernels = best_kernels());
  ~DlibEncoder();
  DlibEncoder(const DlibEncoder&) = delete;
  DlibEncoder& operator=(const DlibEncoder&) = delete;

  // `chip` is what DlibChip cuts: 150x150, RGB. Not thread-safe.
  [[nodiscard]] std::array<float, kDlibDims> encode(const cv::Mat& chip);

  void release_scratch();  // as of Network

 private:
  std::unique_ptr<DlibNetwork> dlib_;  // one of the two
  std::unique_ptr<FaceNet> net_;
};

}  // namespace faceauth::vision
