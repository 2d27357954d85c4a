// After dlib's image_transforms/fhog.h, which is after the features of voc-release by Girshick, Felzenszwalb,
// McAllester and Ramanan. What is added to what, and in which order, is theirs: the results are the same to the bit.
#include <faced/vision/hog_features.h>

#include <dlib/image_transforms.h>
#include <dlib/opencv.h>
#include <dlib/simd.h>

#include <algorithm>
#include <cmath>

namespace faceauth::vision {
namespace {

constexpr int kSpareRows = 3;
constexpr int kMost = 255;  // of a gradient
constexpr int kGradients = 2 * kMost + 1;
constexpr int kOpposite = 9;  // directions from one to the one that points the other way

// The nearest direction of the 18, the first of those that are equally near.
std::uint8_t nearest_direction(int across, int down) {
  constexpr float kDirections[kOpposite][2] = {{1.0000F, 0.0000F},  {0.9397F, 0.3420F},  {0.7660F, 0.6428F},
                                               {0.500F, 0.8660F},   {0.1736F, 0.9848F},  {-0.1736F, 0.9848F},
                                               {-0.5000F, 0.8660F}, {-0.7660F, 0.6428F}, {-0.9397F, 0.3420F}};
  float most = 0;
  int nearest = 0;
  for (int i = 0; i < kOpposite; ++i) {
    const float dot = static_cast<float>(across) * kDirections[i][0] + static_cast<float>(down) * kDirections[i][1];
    if (dot > most) {
      most = dot;
      nearest = i;
    }
    if (-dot > most) {
      most = -dot;
      nearest = i + kOpposite;
    }
  }
  return static_cast<std::uint8_t>(nearest);
}

int cells_in(int pixels) { return static_cast<int>(static_cast<float>(pixels) / HogFeatures::kCell + 0.5F); }

}  // namespace

std::size_t HogPlanes::plane() const {
  return static_cast<std::size_t>(row_) * static_cast<std::size_t>(rows_ + 2 * kSpareRows) + kBlock;
}

void HogPlanes::resize(int rows, int columns) {
  rows_ = rows;
  columns_ = columns;
  row_ = (columns + 2 * kBlock - 1) / kBlock * kBlock;
  const std::size_t size = (kCount + 2) * plane();
  if (size > room_) numbers_ = Floats(size);
  room_ = std::max(room_, size);
  std::fill_n(numbers_.data(), size, 0.0F);
}

float* HogPlanes::cleared_sums() {
  std::fill_n(at(kCount + 1), plane(), 0.0F);
  return at(kCount + 1);
}

HogFeatures::HogFeatures() : direction_(std::size_t{kGradients} * kGradients) {
  for (int down = -kMost; down <= kMost; ++down)
    for (int across = -kMost; across <= kMost; ++across)
      direction_[static_cast<std::size_t>((down + kMost) * kGradients + across + kMost)] =
          nearest_direction(across, down);
}

void HogFeatures::release_scratch() {
  std::vector<float>().swap(length_);
  std::vector<Histogram>().swap(histograms_);
  std::vector<float>().swap(energy_);
}

// Each pixel's gradient goes to the four cells nearest to it, by how near they are.
void HogFeatures::take_row(const cv::Mat& grey, int y, int end, int cells_across) {
  const std::uint8_t *const above = grey.ptr(y - 1), *const here = grey.ptr(y), *const below = grey.ptr(y + 1);
  float* const length = length_.data();
  for (int x = 1; x < end; ++x) {
    const auto across = static_cast<float>(here[x + 1] - here[x - 1]), down = static_cast<float>(below[x] - above[x]);
    length[x] = across * across + down * down;
  }
  for (int x = 0; x < end; x += 4) {
    dlib::simd4f four;
    four.load(length + x);
    dlib::sqrt(four).store(length + x);
  }
  const float row = (static_cast<float>(y) + 0.5F) / kCell + 0.5F;
  const int cell_row = static_cast<int>(row);
  const float down0 = row - static_cast<float>(cell_row), down1 = 1.0F - down0;
  Histogram* const first = histograms_.data() + std::ptrdiff_t{1} * cell_row * (cells_across + 2);
  Histogram* const second = first + cells_across + 2;
  // dlib treats eight pixels at once, and the rest of a row one by one, where it multiplies in another order.
  const int rest = 1 + std::max(0, end - 1) / 8 * 8;
  for (int x = 1; x < end; ++x) {
    const int across = here[x + 1] - here[x - 1], down = below[x] - above[x];
    const std::size_t direction = direction_[static_cast<std::size_t>((down + kMost) * kGradients + across + kMost)];
    const float column = (static_cast<float>(x) + 0.5F) / kCell + 0.5F;
    const int cell = static_cast<int>(column);
    const float across0 = column - static_cast<float>(cell), across1 = 1.0F - across0;
    const float v = length[x];
    const bool in_eights = x < rest;
    first[cell][direction] += in_eights ? down1 * (across1 * v) : down1 * across1 * v;
    second[cell][direction] += in_eights ? down0 * (across1 * v) : down0 * across1 * v;
    first[cell + 1][direction] += in_eights ? down1 * (across0 * v) : down1 * across0 * v;
    second[cell + 1][direction] += in_eights ? down0 * (across0 * v) : down0 * across0 * v;
  }
}

// Cell (x, y) of those that are not at the border, normalised by the energy of the four blocks of cells around it.
void HogFeatures::write_cell(int x, int y, int cells_across, float* to, std::size_t plane) const {
  using Four = dlib::simd4f;
  const float* const e = energy_.data() + std::ptrdiff_t{1} * y * cells_across + x;
  const float *const f = e + cells_across, *const g = f + cells_across;
  const Four z1(f[1], e[1], f[0], e[0]), z2(f[2], e[2], f[1], e[1]), z3(g[1], f[1], g[0], f[0]),
      z4(g[2], f[2], g[1], f[1]);
  const Four most = 0.2F * sqrt(z1 + z2 + z3 + z4 + 0.0001F);
  const Four share = 0.1F / most;
  const Histogram& histogram = histograms_[static_cast<std::size_t>((y + 2) * (cells_across + 2) + x + 2)];
  const auto put = [&](std::size_t which, float value) {
    const Four h = min(Four(value), most) * share;
    to[which * plane] = sum(h);
    return h;
  };
  Four texture = 0;
  for (std::size_t o = 0; o < kSigned; o += 3) {
    const Four h0 = put(o, histogram[o]), h1 = put(o + 1, histogram[o + 1]), h2 = put(o + 2, histogram[o + 2]);
    texture += h0 + h1 + h2;
  }
  for (std::size_t o = 0; o < kOpposite; ++o) (void)put(kSigned + o, histogram[o] + histogram[o + kOpposite]);
  texture *= 2 * 0.2357F;
  float four[4];
  texture.store(four);
  for (std::size_t i = 0; i < 4; ++i) to[(kSigned + kOpposite + i) * plane] = four[i];
}

bool HogFeatures::compute(const cv::Mat& grey, const cv::Size& window, HogPlanes& planes) {
  const int down = cells_in(grey.rows), across = cells_in(grey.cols);
  if (down <= 2 || across <= 2) return false;
  planes.resize(down - 2 + window.height - 1, across - 2 + window.width - 1);
  histograms_.assign(static_cast<std::size_t>(down + 2) * static_cast<std::size_t>(across + 2), {});
  length_.assign(static_cast<std::size_t>(grey.cols) + 4, 0);
  for (int y = 1; y < std::min(down * kCell, grey.rows) - 1; ++y)
    take_row(grey, y, std::min(across * kCell, grey.cols) - 1, across);
  energy_.assign(static_cast<std::size_t>(down) * static_cast<std::size_t>(across), 0);
  for (int y = 0; y < down; ++y)
    for (int x = 0; x < across; ++x) {
      const Histogram& h = histograms_[static_cast<std::size_t>((y + 1) * (across + 2) + x + 1)];
      float& energy = energy_[static_cast<std::size_t>(y * across + x)];
      for (std::size_t o = 0; o < kOpposite; ++o) energy += (h[o] + h[o + kOpposite]) * (h[o] + h[o + kOpposite]);
    }
  const std::size_t plane = static_cast<std::size_t>(planes.at(1) - planes.at(0));
  for (int y = 0; y < down - 2; ++y)
    for (int x = 0; x < across - 2; ++x)
      write_cell(
          x, y, across,
          planes.at(0) + std::ptrdiff_t{1} * (y + (window.height - 1) / 2) * planes.row() + x + (window.width - 1) / 2,
          plane);
  return true;
}

cv::Size HogPyramid::size_below(const cv::Size& size) {
  return {static_cast<int>(5 * size.width / 6 + 0.5), static_cast<int>(5 * size.height / 6 + 0.5)};
}

cv::Mat HogPyramid::shrink(const cv::Mat& grey) {
  const cv::Size size = size_below(grey.size());
  if (size.empty()) return {};
  std::vector<std::uint8_t>& pixels = pixels_[next_];
  next_ = 1 - next_;
  pixels.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height));
  cv::Mat smaller(size, CV_8UC1, pixels.data());
  const dlib::cv_image<unsigned char> from(grey);
  dlib::cv_image<unsigned char> to(smaller);
  dlib::resize_image(from, to);
  return smaller;
}

}  // namespace faceauth::vision
