// dlib's histograms of gradients and its pyramid, number by number as dlib computes them, in memory that is reused.
#pragma once

#include <faced/vision/floats.h>
#include <faced/vision/net_kernels.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

// A plane for each direction of edges and some more, with the room that the kernels want, and two planes for their
// work.
class HogPlanes {
 public:
  static constexpr std::size_t kCount = 31;

  // All zeros.
  void resize(int rows, int columns);
  [[nodiscard]] int rows() const { return rows_; }
  [[nodiscard]] int columns() const { return columns_; }
  [[nodiscard]] int row() const { return row_; }
  [[nodiscard]] float* at(std::size_t which) { return numbers_.data() + which * plane(); }
  [[nodiscard]] float* scratch() { return at(kCount); }
  [[nodiscard]] float* cleared_sums();

 private:
  [[nodiscard]] std::size_t plane() const;

  int rows_ = 0, columns_ = 0, row_ = 0;
  std::size_t room_ = 0;
  Floats numbers_;
};

class HogFeatures {
 public:
  static constexpr int kCell = 8;  // pixels

  HogFeatures();

  // Of every cell of `grey` but those at its border, inside half a window of zeros. False: the picture is too small.
  [[nodiscard]] bool compute(const cv::Mat& grey, const cv::Size& window, HogPlanes& planes);

  void release_scratch();

 private:
  static constexpr int kSigned = 18;  // directions; half as many when dark and bright may be exchanged
  using Histogram = std::array<float, kSigned>;

  void take_row(const cv::Mat& grey, int y, int end, int cells_across);
  void write_cell(int x, int y, int cells_across, float* first, std::size_t plane) const;

  std::vector<std::uint8_t> direction_;  // by horizontal and vertical gradient, each -255 to 255
  std::vector<float> length_;            // of a row's gradients
  std::vector<Histogram> histograms_;    // of all cells, inside a border of one
  std::vector<float> energy_;            // of all cells
};

// dlib::pyramid_down<6>: each level is five sixths of the one before.
class HogPyramid {
 public:
  [[nodiscard]] static cv::Size size_below(const cv::Size& size);

  // `to`: pixels of the size below, in this object's memory until the next call but one.
  [[nodiscard]] cv::Mat shrink(const cv::Mat& grey);

  void release_scratch() { *this = {}; }

 private:
  std::vector<std::uint8_t> pixels_[2];
  int next_ = 0;
};

}  // namespace faceauth::vision
