#include <faced/vision/light.h>

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

constexpr int kDarkBelow = 100;   // 99th percentile of grey under which a picture counts as dark
constexpr double kBright = 200;   // where that percentile is put
constexpr double kGainMax = 25;   // beyond this there is nothing but noise
constexpr double kNoisyGain = 3;  // from here on smoothing helps
constexpr int kSampleSide = 160;

int percentile_99(const cv::Mat& bgr) {
  cv::Mat small, grey;
  const int side = std::max(bgr.cols, bgr.rows);
  const double scale = side > kSampleSide ? static_cast<double>(kSampleSide) / side : 1.0;
  const cv::Size size(std::max(1, cvRound(bgr.cols * scale)), std::max(1, cvRound(bgr.rows * scale)));
  cv::resize(bgr, small, size, 0, 0, cv::INTER_NEAREST);
  cv::cvtColor(small, grey, cv::COLOR_BGR2GRAY);
  std::array<int, 256> histogram{};
  for (int y = 0; y < grey.rows; ++y)
    for (const uchar *at = grey.ptr(y), *end = at + grey.cols; at != end; ++at) ++histogram[*at];
  int above = static_cast<int>(grey.total() / 100);
  int level = 255;
  while (level > 0 && above >= histogram[static_cast<std::size_t>(level)])
    above -= histogram[static_cast<std::size_t>(level--)];
  return level;
}

}  // namespace

cv::Mat brightened(const cv::Mat& bgr) {
  const int bright = percentile_99(bgr);
  if (bright >= kDarkBelow) return bgr;
  const double gain = std::min(kGainMax, kBright / std::max(1, bright));
  cv::Mat out;
  bgr.convertTo(out, -1, gain);
  if (gain >= kNoisyGain) cv::GaussianBlur(out, out, cv::Size(3, 3), 0);
  return out;
}

}  // namespace faceauth::vision
