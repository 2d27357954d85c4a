// fr_feature: the 512-dimensional recogniser that decides. Takes a face aligned to 112x112.
#pragma once

#include <faced/vision/models.h>

#include <faceauth/sight.h>
#include <array>
#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

namespace faceauth::vision {

inline constexpr int kFeatureSide = 112;

class FeatureEncoder {
 public:
  explicit FeatureEncoder(const ModelFile& model);

  // `aligned` is 112x112 BGR. The encoding has length 1. Not thread-safe.
  [[nodiscard]] std::array<float, kFeatureDims> encode(const cv::Mat& aligned);

 private:
  cv::dnn::Net net_;
};

}  // namespace faceauth::vision
