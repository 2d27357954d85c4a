#include <faced/vision/dlib_landmarks.h>
#include <faced/vision/face_shape.h>
#include <faced/vision/hog_finder.h>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <stdexcept>

namespace faceauth::vision {
namespace {

// Between the first pixel and the last.
cv::Point2f centre_of(const cv::Rect& r) {
  return {static_cast<float>(2 * r.x + r.width - 1) / 2, static_cast<float>(2 * r.y + r.height - 1) / 2};
}

}  // namespace

struct DlibLandmarks::Parts {
  Parts(std::istream& in, const Kernels* kernels) : hog(kernels), shape(in) {}
  HogFinder hog;
  FaceShape shape;
};

DlibLandmarks::DlibLandmarks(const ModelFile& shape, const Kernels* kernels) {
  std::istringstream in(shape.bytes);
  parts_ = std::make_unique<Parts>(in, kernels);
}

DlibLandmarks::~DlibLandmarks() = default;

void DlibLandmarks::release_scratch() { parts_->hog.release_scratch(); }

std::optional<cv::Rect> DlibLandmarks::find(const cv::Mat& grey, cv::Point2f expected_centre) {
  std::optional<cv::Rect> nearest;
  double nearest_distance = 0;
  for (const cv::Rect& r : parts_->hog.find(grey)) {
    const double distance = cv::norm(centre_of(r) - expected_centre);
    if (distance > static_cast<double>(r.width) / 2) continue;
    if (nearest && distance >= nearest_distance) continue;
    nearest = r;
    nearest_distance = distance;
  }
  return nearest;
}

FivePoints DlibLandmarks::landmarks(const cv::Mat& grey, const cv::Rect& hog_box) {
  const std::vector<cv::Point>& found = parts_->shape.find(grey, hog_box);
  FivePoints points;
  if (found.size() != points.size()) throw std::runtime_error("landmarks of another kind");
  std::copy(found.begin(), found.end(), points.begin());
  return points;
}

}  // namespace faceauth::vision
