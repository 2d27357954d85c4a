// The recogniser that decides, as its Encoder describes it. Takes an aligned face.
#pragma once

#include <faced/config/encoder.h>
#include <faced/vision/models.h>
#include <faced/vision/network.h>

#include <faceauth/sight.h>
#include <array>
#include <opencv2/core.hpp>

namespace faceauth::vision {

class FeatureEncoder {
 public:
  FeatureEncoder(const ModelFile& model, const Encoder& encoder, const Kernels* kernels = best_kernels());

  // `aligned` is the BGR picture of AlignedFace::feature. The encoding has length 1; a network of fewer dimensions
  // leaves the rest zero, which changes no distance. Throws when the network is not what its description says. Not
  // thread-safe.
  [[nodiscard]] std::array<float, kFeatureDims> encode(const cv::Mat& aligned);

  void release_scratch() { net_.release_scratch(); }

 private:
  Network net_;
  std::size_t dimensions_;
};

}  // namespace faceauth::vision
