// Finds faces in a whole image: quick and tolerant of size and tilt, coarse about the box.
#pragma once

#include <faced/vision/area_resizer.h>
#include <faced/vision/face_proposals.h>
#include <faced/vision/linear_resizer.h>
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
  // who it is about. Valid until the next call. Not thread-safe.
  [[nodiscard]] const std::vector<Detection>& find(const cv::Mat& bgr);

  void release_scratch() {
    proposals_.release_scratch();
    input_.release();
  }

 private:
  // The image inside the network's frame, its proportions kept, with grey bars where it does not fill it.
  struct Letterbox {
    float scale;  // picture pixels per image pixel
    cv::Point2f offset;
  };
  Letterbox letterbox(const cv::Mat& bgr);
  void keep_the_best_of_each();

  FaceProposals proposals_;
  AreaResizer smaller_;
  LinearResizer resizer_;
  cv::Mat input_;
  std::vector<Detection> candidates_, faces_;
};

}  // namespace faceauth::vision
