// All against all, fast: distances of millions of pairs of encodings in blocks. The rate-limiting part of a gallery.
#pragma once

#include <faceauth/sight.h>

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace faceauth::eval {

class Vectors {
 public:
  explicit Vectors(std::span<const Encodings* const> encodings);
  [[nodiscard]] std::size_t size() const { return size_; }

  // Calls `visit` for every row with the distances to columns first_column, first_column + 1, ... that lie behind it:
  // each pair once. From `jobs` threads at once, `worker` telling which; in no particular order.
  struct Row {
    unsigned worker;
    std::size_t row, first_column;
    std::span<const float> feature, dlib;
  };
  void all_pairs(unsigned jobs, const std::function<void(const Row&)>& visit) const;

 private:
  void block(unsigned worker, std::size_t first_row, const std::function<void(const Row&)>& visit) const;
  std::size_t size_, padded_;
  std::vector<float> feature_, dlib_;                // one after the other
  std::vector<float> feature_panels_, dlib_panels_;  // groups of columns, interleaved
  std::vector<float> dlib_squares_;
};

}  // namespace faceauth::eval
