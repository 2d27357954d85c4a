// fr_landmark: 68 points in the usual iBUG order, quick and smooth, from the detector's coarse box.
#pragma once

#include <faced/vision/affine_warper.h>
#include <faced/vision/models.h>
#include <faced/vision/network.h>

#include <array>
#include <opencv2/core.hpp>

namespace faceauth::vision {

// Eye centres (left in the image first), tip of the nose, corners of the mouth (left in the image first).
using FeaturePoints = std::array<cv::Point2f, 5>;

// All of them, in the usual iBUG order.
using Mesh = std::array<cv::Point2f, 68>;

[[nodiscard]] FeaturePoints feature_points(const Mesh& mesh);

class MeshLandmarks {
 public:
  explicit MeshLandmarks(const ModelFile& model, const Kernels* kernels = best_kernels());

  // `box` is the detector's, in pixels of `grey`. Not thread-safe.
  [[nodiscard]] Mesh find(const cv::Mat& grey, const cv::Rect2f& box);

  void release_scratch() {
    net_.release_scratch();
    input_.release();
  }

 private:
  Network net_;
  AffineWarper warper_;
  cv::Mat input_;
};

}  // namespace faceauth::vision
