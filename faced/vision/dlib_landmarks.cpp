#include <faced/vision/dlib_landmarks.h>

#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms.h>
#include <dlib/opencv.h>

#include <cmath>
#include <sstream>

namespace faceauth::vision {
namespace {

constexpr unsigned long kChipSide = 150;
constexpr double kChipPadding = 0.25;

cv::Point2f centre_of(const dlib::rectangle& r) {
  return {static_cast<float>(r.left() + r.right()) / 2, static_cast<float>(r.top() + r.bottom()) / 2};
}

}  // namespace

struct DlibLandmarks::Parts {
  dlib::frontal_face_detector hog = dlib::get_frontal_face_detector();
  dlib::shape_predictor shape;
};

DlibLandmarks::DlibLandmarks(const ModelFile& shape) : parts_(std::make_unique<Parts>()) {
  std::istringstream in(shape.bytes);
  dlib::deserialize(parts_->shape, in);
}

DlibLandmarks::~DlibLandmarks() = default;

std::optional<cv::Rect> DlibLandmarks::find(const cv::Mat& grey, cv::Point2f expected_centre) {
  const dlib::cv_image<unsigned char> image(grey);
  std::optional<dlib::rectangle> nearest;
  double nearest_distance = 0;
  for (const dlib::rectangle& r : parts_->hog(image)) {
    const double distance = cv::norm(centre_of(r) - expected_centre);
    if (distance > static_cast<double>(r.width()) / 2) continue;
    if (nearest && distance >= nearest_distance) continue;
    nearest = r;
    nearest_distance = distance;
  }
  if (!nearest) return std::nullopt;
  return cv::Rect(static_cast<int>(nearest->left()), static_cast<int>(nearest->top()),
                  static_cast<int>(nearest->width()), static_cast<int>(nearest->height()));
}

FivePoints DlibLandmarks::landmarks(const cv::Mat& grey, const cv::Rect& hog_box) const {
  const dlib::rectangle box(hog_box.x, hog_box.y, hog_box.x + hog_box.width - 1, hog_box.y + hog_box.height - 1);
  const dlib::full_object_detection shape = parts_->shape(dlib::cv_image<unsigned char>(grey), box);
  FivePoints points;
  for (unsigned long i = 0; i < points.size(); ++i)
    points[i] = {static_cast<float>(shape.part(i).x()), static_cast<float>(shape.part(i).y())};
  return points;
}

cv::Mat dlib_chip(const cv::Mat& bgr, const FivePoints& points) {
  std::vector<dlib::point> parts;
  for (const cv::Point2f& p : points) parts.emplace_back(std::lround(p.x), std::lround(p.y));
  const dlib::full_object_detection shape(dlib::rectangle(), parts);
  dlib::matrix<dlib::rgb_pixel> chip;
  dlib::extract_image_chip(dlib::cv_image<dlib::bgr_pixel>(bgr),
                           dlib::get_face_chip_details(shape, kChipSide, kChipPadding), chip);
  return dlib::toMat(chip).clone();
}

}  // namespace faceauth::vision
