#include <faced/vision/area_resizer.h>

#include <dlib/simd.h>

#include <algorithm>

namespace faceauth::vision {
namespace {

constexpr int kColours = 3;
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

// Through pointers of its own: a vector's would be read again after each number that is written.
void AreaResizer::narrow() {
  const float* const row = row_.data();
  float* const narrow = narrow_.data();
  const Share* const end = across_.data() + across_.size();
  float sum = 0;
  for (const Share* share = across_.data(); share != end; ++share) {
    sum += row[share->from] * share->weight;
    if (share + 1 != end && share[1].to == share->to) continue;
    narrow[share->to] = sum;
    sum = 0;
  }
}

void AreaResizer::narrow_in_colours() {
  const float* const row = row_.data();
  float* const narrow = narrow_.data();
  const Share* const end = across_.data() + across_.size();
  dlib::simd4f sum = 0;
  for (const Share* share = across_.data(); share != end; ++share) {
    dlib::simd4f pixel;
    pixel.load(row + std::ptrdiff_t{kColours} * share->from);
    sum += pixel * dlib::simd4f(share->weight);
    if (share + 1 != end && share[1].to == share->to) continue;
    sum.store(narrow + std::ptrdiff_t{kColours} * share->to);
    sum = 0;
  }
}

void AreaResizer::take_row(const std::uint8_t* from, int width, int channels) {
  float* const row = row_.data();
  for (int i = 0; i < width * channels; ++i) row[i] = static_cast<float>(from[i]);
  if (channels == kColours)
    narrow_in_colours();
  else
    narrow();
}

void AreaResizer::shrink(const cv::Mat& picture, const cv::Size& size, cv::Mat& to) {
  CV_Assert(!picture.empty() && !size.empty() && (picture.type() == CV_8UC1 || picture.type() == CV_8UC3));
  if (picture.cols % size.width == 0 && picture.rows % size.height == 0) return blocks_.shrink(picture, size, to);
  to.create(size, picture.type());
  share_out(picture.cols, size.width, across_);
  share_out(picture.rows, size.height, down_);
  const int channels = picture.channels();
  const std::size_t numbers = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(channels);
  row_.resize(static_cast<std::size_t>(picture.cols) * static_cast<std::size_t>(channels) + kSpare);
  narrow_.resize(numbers + kSpare);
  sums_.assign(numbers, 0);
  const float* const narrow = narrow_.data();
  float* const sums = sums_.data();
  int have = -1;  // which row of the picture narrow_ is
  for (std::size_t i = 0; i < down_.size(); ++i) {
    const Share& share = down_[i];
    if (share.from != have) take_row(picture.ptr(share.from), picture.cols, channels);
    have = share.from;
    for (std::size_t n = 0; n < numbers; ++n) sums[n] += share.weight * narrow[n];
    if (i + 1 < down_.size() && down_[i + 1].to == share.to) continue;
    std::uint8_t* const out = to.ptr(share.to);
    for (std::size_t n = 0; n < numbers; ++n) out[n] = cv::saturate_cast<std::uint8_t>(sums[n]);
    std::fill_n(sums, numbers, 0.0F);
  }
}

}  // namespace faceauth::vision
