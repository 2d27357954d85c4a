// The maps of a ConvNet and the layers that are packed for its kernels.
#pragma once

#include <faced/vision/floats.h>
#include <faced/vision/net_kernels.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace faceauth::vision {

// A map within the memory of all, inside a border of zeros that is the padding of whoever reads it. A picture has its
// channels side by side, any other map lies as net_kernels.h says.
struct NetMap {
  int channels = 0, width = 0, height = 0;
  int border = 0;
  bool picture = false;
  std::size_t place = 0;  // of its first number

  [[nodiscard]] int pixel() const { return picture ? channels : kBlock; }
  [[nodiscard]] int blocks() const { return picture ? 1 : (channels + kBlock - 1) / kBlock; }
  [[nodiscard]] int row() const { return (width + 2 * border) * pixel(); }
  [[nodiscard]] std::ptrdiff_t plane() const { return std::ptrdiff_t{1} * row() * (height + 2 * border); }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(plane() * blocks()); }
  // Of the pixel at (0, 0) from the place on, or of the one that lies `out` to the left of it and above.
  [[nodiscard]] std::ptrdiff_t inside(int out = 0) const {
    return std::ptrdiff_t{1} * (border - out) * (row() + pixel());
  }
};

// A convolution as a file has it: [output][input][y][x], one input where each channel is for itself.
struct NetConvolution {
  bool depthwise = false;
  int inputs = 0, outputs = 0;
  int side_y = 1, side_x = 1;
  int stride = 1, padding = 0, dilation = 1;
  std::vector<float> weights, bias, slope;
};

// The same for the kernels.
struct PackedConvolution {
  PackedConvolution() = default;
  PackedConvolution(const NetConvolution& from, const NetMap& source, bool reversed);

  std::vector<Run> runs;
  std::ptrdiff_t window = 0;
  Floats weights, bias, slope;
};

void zero_border(const NetMap& map, float* memory);

}  // namespace faceauth::vision
