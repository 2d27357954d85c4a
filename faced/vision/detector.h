// Finds faces in a whole image: quick and tolerant of size and tilt, coarse about the box.
#pragma once

#include <faced/vision/face_proposals.h>
#include <faced/vision/models.h>

#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

struct Detection {
  cv::Rect2f box;  // pixels of the image given; may reach over its edge
  float score = 0;
};

class Detector {
 public:
  explicit Detector(const ModelFile& model, const Kernels* kernels = best_kernels());

  // Faces of a BGR image, the largest first by what is seen of it: somebody who is half out of the picture is not
  // who it is about. Not thread-safe.
  [[nodiscard]] std::vector<Detection> find(const cv::Mat& bgr);

  void release_scratch() {
    proposals_.release_scratch();
    input_.release();
  }

 private:
  FaceProposals proposals_;
  cv::Mat input_;
};

}  // namespace faceauth::vision
