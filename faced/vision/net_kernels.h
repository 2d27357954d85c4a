// The arithmetic of convolutional networks of any shape, beside the fixed one of face_kernels.h. Maps are
// [channel / kBlock][y][x][channel in the block]; what is beyond the last channel is zero.
#pragma once

#include <cstddef>

namespace faceauth::vision {

inline constexpr int kBlock = 16;

// Numbers of a window that lie in a row.
struct Run {
  std::ptrdiff_t offset;  // from the window's first number
  int length;
};

// Where results go: value = sums + bias [+ added]; negative ones times slope, so that 0 is a rectifier and 1 nothing.
struct LayerTarget {
  const float* bias = nullptr;
  const float* slope = nullptr;
  const float* added = nullptr;  // null: nothing
  int added_row = 0;
  std::ptrdiff_t added_plane = 0;
  float* numbers = nullptr;
  int row = 0;               // floats from one row to the next
  std::ptrdiff_t plane = 0;  // and from one block of channels to the next
  int width = 0, height = 0;
  int blocks = 0;
};

// Every input channel weighs on every output channel.
struct DenseLayer {
  const float* source = nullptr;
  int source_row = 0;  // floats from one row of windows to the next
  int step = 0;        // and from one window to its neighbour: see dense_step_known()
  const Run* runs = nullptr;
  int run_count = 0;
  std::ptrdiff_t window = 0;       // numbers in all runs
  const float* weights = nullptr;  // [output / kChannelGroup][number of the window][kChannelGroup]
  LayerTarget target;
};

[[nodiscard]] constexpr bool dense_step_known(int step) {
  return step == 1 || step == 2 || step == 6 || step == kBlock || step == 2 * kBlock;
}

// Every channel for itself.
struct DepthwiseLayer {
  const float* source = nullptr;
  int source_row = 0;
  std::ptrdiff_t source_plane = 0;
  int stride = 1;                  // 1 or 2
  int side = 0;                    // of the window
  const float* weights = nullptr;  // [block][y][x][kBlock]
  LayerTarget target;
};

// A filter that is the product of a row and a column, over one channel: sums += filtered. Rows are taken four at a time
// and columns a vector at a time, so everything has room for 3 rows and kBlock numbers more.
struct SeparableLayer {
  const float* source = nullptr;
  int row = 0;  // floats from one row to the next, in source, scratch and sums
  const float* across = nullptr;
  const float* down = nullptr;
  int across_count = 0, down_count = 0;
  float* scratch = nullptr;
  float* sums = nullptr;
  int width = 0, height = 0;  // of the sums
};

}  // namespace faceauth::vision
