// fr_eye: open or closed, from a small picture of each eye.
#pragma once

#include <faced/vision/affine_warper.h>
#include <faced/vision/mesh_landmarks.h>
#include <faced/vision/models.h>
#include <faced/vision/network.h>

#include <opencv2/core.hpp>

namespace faceauth::vision {

class EyeState {
 public:
  explicit EyeState(const ModelFile& model, const Kernels* kernels = best_kernels());

  // 0 (closed) to 1 (open), the mean of both eyes; `mesh` in pixels of `bgr`. Not thread-safe.
  [[nodiscard]] float openness(const cv::Mat& bgr, const Mesh& mesh);

  void release_scratch() {
    net_.release_scratch();
    colour_.release();
    input_.release();
  }

 private:
  float openness_of(const cv::Mat& bgr, const Mesh& mesh, std::size_t first);
  Network net_;
  AffineWarper warper_;
  cv::Mat colour_, input_;
};

}  // namespace faceauth::vision
