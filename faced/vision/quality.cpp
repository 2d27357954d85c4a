#include <faced/vision/quality.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
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

// The variance of OpenCV's Laplacian: of what each pixel lacks to the sum of its four neighbours. Beyond the edge lies
// what is on its other side.
float sharpness(const cv::Mat& chip) {
  CV_Assert(chip.rows == DlibChip::kSide && chip.cols == DlibChip::kSide && chip.type() == CV_8UC3);
  constexpr int kLast = DlibChip::kSide - 1;
  std::array<std::uint8_t, std::size_t{DlibChip::kSide} * DlibChip::kSide> pixels;
  cv::Mat grey(chip.size(), CV_8UC1, pixels.data());
  cv::cvtColor(chip, grey, cv::COLOR_RGB2GRAY);
  std::int64_t sum = 0, squares = 0;
  for (int y = 0; y <= kLast; ++y) {
    const std::uint8_t *const row = grey.ptr(y), *const above = grey.ptr(y > 0 ? y - 1 : 1),
                              *const below = grey.ptr(y < kLast ? y + 1 : kLast - 1);
    int row_sum = 0, row_squares = 0;
    const auto add = [&](int x, int left, int right) {
      const int lacks = above[x] + below[x] + row[left] + row[right] - 4 * row[x];
      row_sum += lacks;
      row_squares += lacks * lacks;
    };
    add(0, 1, 1);
    for (int x = 1; x < kLast; ++x) add(x, x - 1, x + 1);
    add(kLast, kLast - 1, kLast - 1);
    sum += row_sum;
    squares += row_squares;
  }
  constexpr double kShare = 1.0 / (DlibChip::kSide * DlibChip::kSide);
  const double mean = static_cast<double>(sum) * kShare;
  const double deviation = std::sqrt(std::max(static_cast<double>(squares) * kShare - mean * mean, 0.0));
  return static_cast<float>(deviation * deviation);
}

}  // namespace

Quality measure_quality(const cv::Mat& bgr, const AlignedFace& face) {
  Quality quality;
  quality.face_height_px = face.box.height;
  quality.sharpness = sharpness(face.chip);

  const cv::Rect inside = cv::Rect(face.box) & cv::Rect(cv::Point(), bgr.size());
  if (inside.area() > 0) {
    const cv::Scalar colour = cv::mean(bgr(inside));
    quality.brightness = static_cast<float>(0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2]);
  }
  measure_pose(face.points, quality);
  return quality;
}

}  // namespace faceauth::vision
