#include <faced/vision/quality.h>

#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

// How far the tip of the nose stands out of the plane of eyes and mouth, in distances between the eyes.
constexpr float kNoseDepth = 0.5F;
// Where it lies between the line of the eyes (0) and the mouth (1) when the head is level.
constexpr float kNoseLevel = 0.5F;

float degrees(float radians) { return radians * 180 / std::numbers::pi_v<float>; }

void measure_pose(const FeaturePoints& p, Quality& quality) {
  const cv::Point2f eyes = p[1] - p[0], between = (p[0] + p[1]) / 2;
  const cv::Point2f mouth = (p[3] + p[4]) / 2 - between, nose = p[2] - between;
  const float distance = std::hypot(eyes.x, eyes.y);
  if (distance <= 0) return;
  const cv::Point2f right = eyes / distance, down(-right.y, right.x);
  quality.roll_deg = degrees(std::atan2(-eyes.y, eyes.x));
  quality.yaw_deg = degrees(std::atan(nose.dot(right) / distance / kNoseDepth));
  const float height = mouth.dot(down);
  if (height <= 0) return;
  const float raised = (kNoseLevel - nose.dot(down) / height) * height;
  quality.pitch_deg = degrees(std::atan(raised / (kNoseDepth * distance)));
}

}  // namespace

Quality measure_quality(const cv::Mat& bgr, const AlignedFace& face) {
  Quality quality;
  quality.face_height_px = face.box.height;

  cv::Mat grey, laplacian;
  cv::cvtColor(face.chip, grey, cv::COLOR_RGB2GRAY);
  cv::Laplacian(grey, laplacian, CV_32F);
  cv::Scalar mean, deviation;
  cv::meanStdDev(laplacian, mean, deviation);
  quality.sharpness = static_cast<float>(deviation[0] * deviation[0]);

  const cv::Rect inside = cv::Rect(face.box) & cv::Rect(cv::Point(), bgr.size());
  if (inside.area() > 0) {
    const cv::Scalar colour = cv::mean(bgr(inside));
    quality.brightness = static_cast<float>(0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2]);
  }
  measure_pose(face.points, quality);
  return quality;
}

}  // namespace faceauth::vision
