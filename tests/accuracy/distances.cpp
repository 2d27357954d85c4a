#include <tests/accuracy/distances.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

namespace faceauth::eval {
namespace {

constexpr std::size_t kRows = 4, kColumns = 8;  // of one step: as many sums as there are vector registers
constexpr std::size_t kBlockColumns = 2048;

// Sums kRows x kColumns dot products. `rows` lie `dims` apart; `panel` holds kColumns columns interleaved.
void dots(const float* rows, const float* panel, std::size_t dims, float (&sums)[kRows][kColumns]) {
  float s[kRows][kColumns] = {};
  for (std::size_t k = 0; k < dims; ++k)
    for (std::size_t r = 0; r < kRows; ++r)
      for (std::size_t c = 0; c < kColumns; ++c) s[r][c] += rows[r * dims + k] * panel[k * kColumns + c];
  std::copy(&s[0][0], &s[0][0] + kRows * kColumns, &sums[0][0]);
}

std::vector<float> panels_of(const std::vector<float>& vectors, std::size_t dims) {
  std::vector<float> panels(vectors.size());
  const std::size_t count = vectors.size() / dims;
  for (std::size_t i = 0; i < count; ++i)
    for (std::size_t k = 0; k < dims; ++k)
      panels[(i / kColumns * dims + k) * kColumns + i % kColumns] = vectors[i * dims + k];
  return panels;
}

float length_of(std::span<const float> v) {
  double sum = 0;
  for (const float x : v) sum += double{x} * double{x};
  return static_cast<float>(std::sqrt(sum));
}

}  // namespace

Vectors::Vectors(std::span<const Encodings* const> encodings)
    : size_(encodings.size()),
      padded_((size_ + kColumns - 1) / kColumns * kColumns),
      feature_(padded_ * kFeatureDims),
      dlib_(padded_ * kDlibDims),
      dlib_squares_(padded_) {
  for (std::size_t i = 0; i < size_; ++i) {
    const Encodings& e = *encodings[i];
    const float length = std::max(length_of(e.feature), 1e-6F);
    for (std::size_t k = 0; k < kFeatureDims; ++k) feature_[i * kFeatureDims + k] = e.feature[k] / length;
    std::copy(e.dlib.begin(), e.dlib.end(), dlib_.begin() + static_cast<std::ptrdiff_t>(i * kDlibDims));
    dlib_squares_[i] = length_of(e.dlib) * length_of(e.dlib);
  }
  feature_panels_ = panels_of(feature_, kFeatureDims);
  dlib_panels_ = panels_of(dlib_, kDlibDims);
}

void Vectors::block(unsigned worker, std::size_t first_row, const std::function<void(const Row&)>& visit) const {
  std::vector<float> feature(kRows * kBlockColumns), dlib(kRows * kBlockColumns);
  for (std::size_t from = first_row / kColumns * kColumns; from < size_; from += kBlockColumns) {
    const std::size_t to = std::min(from + kBlockColumns, padded_);
    for (std::size_t column = from; column < to; column += kColumns) {
      float f[kRows][kColumns], d[kRows][kColumns];
      dots(&feature_[first_row * kFeatureDims], &feature_panels_[column * kFeatureDims], kFeatureDims, f);
      dots(&dlib_[first_row * kDlibDims], &dlib_panels_[column * kDlibDims], kDlibDims, d);
      for (std::size_t r = 0; r < kRows; ++r)
        for (std::size_t c = 0; c < kColumns; ++c) {
          const std::size_t at = r * kBlockColumns + column - from + c;
          feature[at] = std::sqrt(std::max(0.0F, 2 - 2 * f[r][c]));
          dlib[at] = std::sqrt(std::max(0.0F, dlib_squares_[first_row + r] + dlib_squares_[column + c] - 2 * d[r][c]));
        }
    }
    for (std::size_t r = 0; r < kRows && first_row + r < size_; ++r) {
      const std::size_t begin = std::max(from, first_row + r + 1), end = std::min(to, size_);
      if (begin >= end) continue;
      const std::size_t at = r * kBlockColumns + begin - from;
      visit(Row{worker, first_row + r, begin, {&feature[at], end - begin}, {&dlib[at], end - begin}});
    }
  }
}

void Vectors::all_pairs(unsigned jobs, const std::function<void(const Row&)>& visit) const {
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> workers;
  for (unsigned worker = 0; worker < std::max(1U, jobs); ++worker)
    workers.emplace_back([this, worker, &next, &visit] {
      for (std::size_t row = kRows * next++; row < size_; row = kRows * next++) block(worker, row, visit);
    });
}

}  // namespace faceauth::eval
