#include <faced/vision/area_resizer.h>

#include <dlib/simd.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

constexpr int kChannels = 3;
constexpr std::size_t kSpare = 4;  // numbers that four at once reach beyond a pixel

}  // namespace

// OpenCV leaves out shares of less than a thousandth of a pixel.
void AreaResizer::share_out(int from, int to, std::vector<Share>& shares) {
  constexpr double kLeast = 1e-3;
  const double scale = 1 / (static_cast<double>(to) / from);
  shares.clear();
  for (int i = 0; i < to; ++i) {
    const double begin = i * scale, end = begin + scale, width = std::min(scale, from - begin);
    const int last = std::min(cvFloor(end), from - 1), first = std::min(cvCeil(begin), last);
    if (first - begin > kLeast) shares.push_back({i, first - 1, static_cast<float>((first - begin) / width)});
    for (int whole = first; whole < last; ++whole) shares.push_back({i, whole, static_cast<float>(1 / width)});
    if (end - last > kLeast)
      shares.push_back({i, last, static_cast<float>(std::min(std::min(end - last, 1.0), width) / width)});
  }
}

void AreaResizer::take_row(const std::uint8_t* from, int width) {
  float* const row = row_.data();
  for (int i = 0; i < width * kChannels; ++i) row[i] = static_cast<float>(from[i]);
  dlib::simd4f sum = 0;
  for (std::size_t i = 0; i < across_.size(); ++i) {
    const Share& share = across_[i];
    dlib::simd4f pixel;
    pixel.load(row + std::ptrdiff_t{kChannels} * share.from);
    sum += pixel * dlib::simd4f(share.weight);
    if (i + 1 < across_.size() && across_[i + 1].to == share.to) continue;
    sum.store(narrow_.data() + std::ptrdiff_t{kChannels} * share.to);
    sum = 0;
  }
}

void AreaResizer::shrink(const cv::Mat& bgr, const cv::Size& size, cv::Mat& to) {
  if (size.empty() || bgr.type() != CV_8UC3) return cv::resize(bgr, to, size, 0, 0, cv::INTER_AREA);
  const bool whole = bgr.cols % size.width == 0 && bgr.rows % size.height == 0;
  if (whole) return cv::resize(bgr, to, size, 0, 0, cv::INTER_AREA);
  to.create(size, CV_8UC3);
  share_out(bgr.cols, size.width, across_);
  share_out(bgr.rows, size.height, down_);
  const std::size_t numbers = static_cast<std::size_t>(size.width) * kChannels;
  row_.resize(static_cast<std::size_t>(bgr.cols) * kChannels + kSpare);
  narrow_.resize(numbers + kSpare);
  sums_.assign(numbers, 0);
  int have = -1;  // which row of the source narrow_ is
  for (std::size_t i = 0; i < down_.size(); ++i) {
    const Share& share = down_[i];
    if (share.from != have) take_row(bgr.ptr(share.from), bgr.cols);
    have = share.from;
    for (std::size_t n = 0; n < numbers; ++n) sums_[n] += share.weight * narrow_[n];
    if (i + 1 < down_.size() && down_[i + 1].to == share.to) continue;
    std::uint8_t* const out = to.ptr(share.to);
    for (std::size_t n = 0; n < numbers; ++n) out[n] = cv::saturate_cast<std::uint8_t>(sums_[n]);
    std::fill(sums_.begin(), sums_.end(), 0.0F);
  }
}

}  // namespace faceauth::vision
