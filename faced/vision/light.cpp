#include <faced/vision/light.h>

#include <algorithm>
#include <array>
#include <cstddef>

namespace faceauth::vision {
namespace {

constexpr int kDarkBelow = 100;   // 99th percentile of grey under which a picture counts as dark
constexpr double kBright = 200;   // where that percentile is put
constexpr double kGainMax = 25;   // beyond this there is nothing but noise
constexpr double kNoisyGain = 3;  // from here on smoothing helps
constexpr int kSampleSide = 160;
constexpr int kChannels = 3;

// As OpenCV's cvtColor() weighs blue, green and red.
int grey(const std::uint8_t* bgr) {
  constexpr int kPlaces = 15, kBlue = 3735, kGreen = 19235, kRed = 9798;
  return (bgr[0] * kBlue + bgr[1] * kGreen + bgr[2] * kRed + (1 << (kPlaces - 1))) >> kPlaces;
}

// Of pixels that lie evenly all over it: those that OpenCV's resize() picks with INTER_NEAREST.
int percentile_99(const cv::Mat& bgr) {
  const int side = std::max(bgr.cols, bgr.rows);
  const double scale = side > kSampleSide ? static_cast<double>(kSampleSide) / side : 1.0;
  const int width = std::max(1, cvRound(bgr.cols * scale)), height = std::max(1, cvRound(bgr.rows * scale));
  const double right = 1 / (static_cast<double>(width) / bgr.cols), down = 1 / (static_cast<double>(height) / bgr.rows);
  std::array<int, kSampleSide> columns{};
  for (int x = 0; x < width; ++x)
    columns[static_cast<std::size_t>(x)] = kChannels * std::min(cvFloor(x * right), bgr.cols - 1);
  std::array<int, 256> histogram{};
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* const row = bgr.ptr(std::min(cvFloor(y * down), bgr.rows - 1));
    for (int x = 0; x < width; ++x)
      ++histogram[static_cast<std::size_t>(grey(row + columns[static_cast<std::size_t>(x)]))];
  }
  int above = width * height / 100;
  int level = 255;
  while (level > 0 && above >= histogram[static_cast<std::size_t>(level)])
    above -= histogram[static_cast<std::size_t>(level--)];
  return level;
}

// The neighbour of the first and of the last is the one on their other side; where there is none, they themselves.
int mirrored(int at, int count) { return count == 1 ? 0 : at < 0 ? -at : std::min(at, 2 * count - 2 - at); }

void add_neighbours(const std::uint8_t* row, int width, std::uint16_t* sums) {
  const auto at = [row, width](int x, int c) { return row[mirrored(x, width) * kChannels + c]; };
  const auto sum = [&](int x, int c) { return static_cast<std::uint16_t>(at(x - 1, c) + 2 * at(x, c) + at(x + 1, c)); };
  for (int c = 0; c < kChannels; ++c) sums[c] = sum(0, c);
  for (int i = kChannels; i < (width - 1) * kChannels; ++i)
    sums[i] = static_cast<std::uint16_t>(row[i - kChannels] + 2 * row[i] + row[i + kChannels]);
  for (int c = 0; c < kChannels; ++c) sums[(width - 1) * kChannels + c] = sum(width - 1, c);
}

}  // namespace

// OpenCV's GaussianBlur over 3x3 pixels: 1, 2, 1 across and down.
void Brightener::smooth(cv::Mat& bgr) {
  const std::size_t numbers = static_cast<std::size_t>(bgr.cols) * kChannels;
  for (std::vector<std::uint16_t>& row : sums_) row.resize(numbers);
  add_neighbours(bgr.ptr(mirrored(-1, bgr.rows)), bgr.cols, sums_[0].data());
  add_neighbours(bgr.ptr(0), bgr.cols, sums_[1].data());
  for (int y = 0; y < bgr.rows; ++y) {
    // The last row's neighbour below is the one above it, which is overwritten by now: its sums are not.
    const bool last = y + 1 == bgr.rows;
    if (!last) add_neighbours(bgr.ptr(y + 1), bgr.cols, sums_[2].data());
    const std::uint16_t *const above = sums_[0].data(), *const here = sums_[1].data();
    const std::uint16_t* const below = !last ? sums_[2].data() : bgr.rows == 1 ? here : above;
    std::uint8_t* const out = bgr.ptr(y);
    for (std::size_t i = 0; i < numbers; ++i)
      out[i] = static_cast<std::uint8_t>((above[i] + 2 * here[i] + below[i] + 8) >> 4);
    std::rotate(std::begin(sums_), std::begin(sums_) + 1, std::end(sums_));
  }
}

cv::Mat Brightener::brighten(const cv::Mat& bgr) {
  const int bright = percentile_99(bgr);
  if (bright >= kDarkBelow) return bgr;
  const double gain = std::min(kGainMax, kBright / std::max(1, bright));
  cv::Mat copy = copy_.picture(bgr.size(), CV_8UC3);
  bgr.convertTo(copy, -1, gain);
  if (gain >= kNoisyGain) smooth(copy);
  return copy;
}

}  // namespace faceauth::vision
