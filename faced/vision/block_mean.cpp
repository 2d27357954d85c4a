#include <faced/vision/block_mean.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace faceauth::vision {
namespace {

constexpr int kColours = 3;

std::uint8_t quarter(int sum) { return static_cast<std::uint8_t>((sum + 2) >> 2); }

void halve_grey(const std::uint8_t* upper, const std::uint8_t* lower, int width, std::uint8_t* to) {
  for (std::ptrdiff_t x = 0; x < width; ++x)
    to[x] = quarter(upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
}

// Means as if a block began at each pixel, which makes vectors; of those every other one.
void halve_colours(const std::uint8_t* upper, const std::uint8_t* lower, int width, std::uint16_t* pairs,
                   std::uint8_t* means, std::uint8_t* to) {
  const int numbers = 2 * width * kColours;
  for (int i = 0; i < numbers; ++i) pairs[i] = static_cast<std::uint16_t>(upper[i] + lower[i]);
  for (int i = 0; i < numbers - kColours; ++i) means[i] = quarter(pairs[i] + pairs[i + kColours]);
  for (int x = 0; x + 1 < width; ++x, to += kColours, means += std::ptrdiff_t{2} * kColours)
    std::memcpy(to, means, kColours + 1);
  std::memcpy(to, means, kColours);
}

}  // namespace

void BlockMean::shrink(const cv::Mat& picture, const cv::Size& size, cv::Mat& to) {
  CV_Assert(!picture.empty() && picture.depth() == CV_8U && !size.empty());
  CV_Assert(picture.cols % size.width == 0 && picture.rows % size.height == 0);
  to.create(size, picture.type());
  const int channels = picture.channels(), numbers = picture.cols * channels;
  const int wide = picture.cols / size.width, tall = picture.rows / size.height;
  if (wide == 2 && tall == 2 && (channels == 1 || channels == kColours)) {
    pairs_.resize(static_cast<std::size_t>(numbers));
    means_.resize(static_cast<std::size_t>(numbers));
    for (int y = 0; y < size.height; ++y) {
      const std::uint8_t *const upper = picture.ptr(2 * y), *const lower = picture.ptr(2 * y + 1);
      if (channels == 1)
        halve_grey(upper, lower, size.width, to.ptr(y));
      else
        halve_colours(upper, lower, size.width, pairs_.data(), means_.data(), to.ptr(y));
    }
    return;
  }
  const float share = 1.0F / static_cast<float>(wide * tall);
  for (int y = 0; y < size.height; ++y) {
    sums_.assign(static_cast<std::size_t>(numbers), 0);
    for (int row = 0; row < tall; ++row) {
      const std::uint8_t* const from = picture.ptr(y * tall + row);
      for (int i = 0; i < numbers; ++i) sums_[static_cast<std::size_t>(i)] += from[i];
    }
    const std::uint32_t* block = sums_.data();
    std::uint8_t* out = to.ptr(y);
    for (int x = 0; x < size.width; ++x, block += std::ptrdiff_t{wide} * channels)
      for (int c = 0; c < channels; ++c) {
        std::uint32_t sum = 0;
        for (std::ptrdiff_t i = 0; i < wide; ++i) sum += block[i * channels + c];
        *out++ = cv::saturate_cast<std::uint8_t>(static_cast<float>(sum) * share);
      }
  }
}

}  // namespace faceauth::vision
