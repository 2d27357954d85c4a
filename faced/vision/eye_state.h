// fr_eye: open or closed, from a small picture of each eye.
#pragma once

#include <faced/vision/mesh_landmarks.h>
#include <faced/vision/models.h>

#include <opencv2/core.hpp>
#include <opencv2/dnn.hpp>

namespace faceauth::vision {

class EyeState {
 public:
  explicit EyeState(const ModelFile& model);

  // 0 (closed) to 1 (open), the mean of both eyes; `mesh` in pixels of `bgr`. Not thread-safe.
  [[nodiscard]] float openness(const cv::Mat& bgr, const Mesh& mesh);

 private:
  float openness_of(const cv::Mat& bgr, const Mesh& mesh, std::size_t first);
  cv::dnn::Net net_;
};

}  // namespace faceauth::vision
