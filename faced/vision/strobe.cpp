#include <faced/vision/strobe.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

constexpr int kSampleSide = 160;
// The gate refuses a face that is darker than this on average; a frame with hardly a pixel of it holds none to lose.
constexpr double kDarkGrey = 25;
constexpr double kBrightShare = 0.005;
constexpr double kUnlitRatio = 0.6;                      // of the brightest of the last frames
constexpr std::uint64_t kBesideNs = 200 * 1'000'000ULL;  // as far apart are two frames of a slow strobe

struct Light {
  double mean = 0;
  bool dark = true;
};

Light light_of(const cv::Mat& bgr) {
  cv::Mat small, grey;
  const double scale = std::min(1.0, static_cast<double>(kSampleSide) / std::max(bgr.cols, bgr.rows));
  const cv::Size size(std::max(1, cvRound(bgr.cols * scale)), std::max(1, cvRound(bgr.rows * scale)));
  cv::resize(bgr, small, size, 0, 0, cv::INTER_NEAREST);
  cv::cvtColor(small, grey, cv::COLOR_BGR2GRAY);
  const int bright = cv::countNonZero(grey >= kDarkGrey);
  return {cv::mean(grey)[0], bright < kBrightShare * static_cast<double>(grey.total())};
}

}  // namespace

bool Strobe::is_lit(const cv::Mat& bgr, std::uint64_t captured_ns) {
  const Light light = light_of(bgr);
  const bool first = seen_ == 0;
  levels_[seen_++ % kRemembered] = light.mean;
  const double brightest = *std::max_element(levels_.begin(), levels_.end());
  const bool unlit = light.dark || light.mean < kUnlitRatio * brightest;
  if (unlit) {
    unlit_ = bgr;
    unlit_ns_ = captured_ns;
  }
  return !unlit && !first;
}

cv::Mat Strobe::unlit_before(std::uint64_t captured_ns) const {
  const bool beside = unlit_ns_ <= captured_ns && captured_ns - unlit_ns_ <= kBesideNs;
  return beside ? unlit_ : cv::Mat();
}

float emitter_share(const cv::Mat& lit, const cv::Mat& unlit, const cv::Rect2f& face) {
  const cv::Rect inside = cv::Rect(face) & cv::Rect(cv::Point(), lit.size());
  if (unlit.size() != lit.size() || inside.area() <= 0) return 1;
  const auto level = [&inside](const cv::Mat& frame) {
    const cv::Scalar mean = cv::mean(frame(inside));
    return (mean[0] + mean[1] + mean[2]) / 3;
  };
  const double with = level(lit);
  return with > 0 ? static_cast<float>(std::clamp((with - level(unlit)) / with, 0.0, 1.0)) : 1;
}

}  // namespace faceauth::vision
