#include <tests/accuracy/degrade.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace faceauth::eval {
namespace {

constexpr double kSensorNoise = 4;  // grey levels of noise that a webcam shows in a dim room
constexpr float kSmallFacePx = 60;

cv::Mat dimmed(const cv::Mat& bgr, double light) {
  cv::Mat dark, noise(bgr.size(), CV_16SC3), out;
  bgr.convertTo(dark, CV_16SC3, light);
  cv::RNG random(20240229);
  random.fill(noise, cv::RNG::NORMAL, 0, kSensorNoise);
  dark += noise;
  dark.convertTo(out, CV_8UC3);
  return out;
}

cv::Mat rolled(const cv::Mat& bgr, double degrees) {
  const cv::Point2f centre(static_cast<float>(bgr.cols) / 2, static_cast<float>(bgr.rows) / 2);
  cv::Mat out;
  cv::warpAffine(bgr, out, cv::getRotationMatrix2D(centre, degrees, 1), bgr.size(), cv::INTER_LINEAR,
                 cv::BORDER_REPLICATE);
  return out;
}

cv::Mat without_colour(const cv::Mat& bgr) {
  cv::Mat grey, out;
  cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
  cv::cvtColor(grey, out, cv::COLOR_GRAY2BGR);
  return out;
}

cv::Mat smaller(const cv::Mat& bgr, float face_height) {
  const float scale = face_height > kSmallFacePx ? kSmallFacePx / face_height : 1;
  const cv::Size size(std::max(1, cvRound(static_cast<float>(bgr.cols) * scale)),
                      std::max(1, cvRound(static_cast<float>(bgr.rows) * scale)));
  cv::Mat out;
  cv::resize(bgr, out, size, 0, 0, cv::INTER_AREA);
  return out;
}

}  // namespace

std::optional<Degrade> degrade_by_name(std::string_view name) {
  const auto at = std::find(kDegradeNames.begin(), kDegradeNames.end(), name);
  if (at == kDegradeNames.end()) return std::nullopt;
  return static_cast<Degrade>(at - kDegradeNames.begin());
}

cv::Mat degraded(const cv::Mat& bgr, Degrade kind, float face_height) {
  cv::Mat out;
  switch (kind) {
    case Degrade::light_25:
      return dimmed(bgr, 0.25);
    case Degrade::light_15:
      return dimmed(bgr, 0.15);
    case Degrade::blur_2:
      cv::GaussianBlur(bgr, out, cv::Size(), 2);
      return out;
    case Degrade::roll_30:
      return rolled(bgr, 30);
    case Degrade::grey:
      return without_colour(bgr);
    case Degrade::face_60:
      return smaller(bgr, face_height);
    case Degrade::none:
      break;
  }
  return bgr;
}

}  // namespace faceauth::eval
