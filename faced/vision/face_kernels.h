// The arithmetic of dlib's face network, compiled once for each set of vector instructions. No code is written at run
// time, so that the eye's memory stays either writable or executable.
#pragma once

#include <faced/vision/net_kernels.h>

#include <cstddef>
#include <cstdint>

namespace faceauth::vision {

// How many output channels lie side by side in packed weights, whatever the vectors' length.
inline constexpr int kChannelGroup = 32;

// One layer on one picture. Maps are [y][x][channel]; strides count floats.
struct Convolution {
  const float* source = nullptr;  // the first window's first number
  int source_row = 0;
  int stride = 1;
  int window_rows = 0;
  int window_row = 0;              // numbers in one row of a window: columns times channels
  const float* weights = nullptr;  // [outputs / kChannelGroup][number in the window][kChannelGroup], 64-byte aligned
  const float* bias = nullptr;     // [outputs]
  float* target = nullptr;
  int target_row = 0;
  int outputs = 0;    // channels of the target, a multiple of kChannelGroup
  bool add = false;   // to what the target holds
  bool relu = false;  // after that
};

using Convolve = void (*)(const Convolution&);

struct Kernels {
  const char* name;
  // For a square target of `width` whose windows are `step` floats apart; null for a shape the network does not have.
  Convolve (*convolve)(int step, int width);
  void (*widen)(const std::uint8_t* from, float* to, std::size_t count);
  // 3x3 windows, 2 apart, of a map that is `row` floats wide.
  void (*max_pool)(const float* from, int row, float* to, int to_row, int width, int channels);
  // 2x2 windows, 2 apart. The target may have more channels; they become zero.
  void (*average_pool)(const float* from, int row, int channels, float* to, int to_row, int width, int to_channels);
  // Of networks of any shape.
  void (*dense)(const DenseLayer&);
  void (*depthwise)(const DepthwiseLayer&);
  void (*separable)(const SeparableLayer&);
};

// Null where the processor lacks the instructions.
[[nodiscard]] const Kernels* avx512_kernels();
[[nodiscard]] const Kernels* avx2_kernels();
[[nodiscard]] const Kernels* sse2_kernels();

// The best of them; null on processors of another family.
[[nodiscard]] const Kernels* best_kernels();

}  // namespace faceauth::vision
