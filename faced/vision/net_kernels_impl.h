// As face_kernels_impl.h, and after it: nothing but constants of the language in here.
#pragma once

#include <faced/vision/face_kernels_impl.h>
#include <faced/vision/net_kernels.h>

namespace faceauth::vision {
namespace {

constexpr int kParts = kBlock / kLanes;  // vectors that make a block

// `v` counts vectors from the block on. What is no number stays none, so that it is noticed.
inline void finish(const LayerTarget& t, int block, int v, int y, int x, Vector value) {
  const int channel = block * kBlock + v * kLanes;
  const std::ptrdiff_t plane = block + v / kParts;
  const int place = x * kBlock + v % kParts * kLanes;
  if (t.added != nullptr) value += load(t.added + plane * t.added_plane + y * t.added_row + place);
  const Vector negative = value < Vector{} ? value : Vector{};
  store(t.numbers + plane * t.plane + y * t.row + place, value - negative + negative * load(t.slope + channel));
}

template <int step, int columns, int rows, int vectors>
inline void dense_tile(const DenseLayer& d, int block, int y, int x) {
  const LayerTarget& t = d.target;
  Vector sum[rows][columns][vectors];
  FACEAUTH_UNROLL
  for (int r = 0; r < rows; ++r) FACEAUTH_UNROLL
  for (int i = 0; i < columns; ++i) FACEAUTH_UNROLL
  for (int v = 0; v < vectors; ++v) sum[r][i][v] = load(t.bias + block * kBlock + v * kLanes);

  const int first = block * kBlock % kChannelGroup;
  const float* weights = d.weights + (block * kBlock - first) * d.window + first;
  const float* const source = d.source + std::ptrdiff_t{1} * y * d.source_row + x * step;
  for (int run = 0; run < d.run_count; ++run) {
    const float* number = source + d.runs[run].offset;
    const float* const end = number + d.runs[run].length;
    for (; number != end; ++number, weights += kChannelGroup) {
      Vector weight[vectors];
      FACEAUTH_UNROLL
      for (int v = 0; v < vectors; ++v) weight[v] = load(weights + v * kLanes);
      FACEAUTH_UNROLL
      for (int r = 0; r < rows; ++r) FACEAUTH_UNROLL
      for (int i = 0; i < columns; ++i) {
        const float one = number[r * d.source_row + i * step];
        FACEAUTH_UNROLL
        for (int v = 0; v < vectors; ++v) sum[r][i][v] += weight[v] * one;
      }
    }
  }
  FACEAUTH_UNROLL
  for (int r = 0; r < rows; ++r) FACEAUTH_UNROLL
  for (int i = 0; i < columns; ++i) FACEAUTH_UNROLL
  for (int v = 0; v < vectors; ++v) finish(t, block, v, y + r, x + i, sum[r][i][v]);
}

// Without branches there would be a function for each number of columns to choose from.
template <int step, int columns, int rows, int vectors>
inline void dense_columns(const DenseLayer& d, int wanted, int block, int y, int x) {
  if (wanted == columns) return dense_tile<step, columns, rows, vectors>(d, block, y, x);
  if constexpr (columns > 1) dense_columns<step, columns - 1, rows, vectors>(d, wanted, block, y, x);
}

constexpr int kTileMax = kVectors * kLanes == 2 * kBlock ? 14 : kColumnsMax;
constexpr int kTileFew = 4;  // where it does not matter much

template <int step, int vectors>
void dense_rows(const DenseLayer& d, int block) {
  constexpr int most = step == kBlock ? kTileMax : (kTileFew < kTileMax ? kTileFew : kTileMax);
  const int width = d.target.width, height = d.target.height;
  const int tiles = (width + most - 1) / most;
  const int narrow = width / tiles, wide_tiles = width % tiles;
  int y = 0;
  if constexpr (step == kBlock)
    if (2 * width <= most)
      for (; y + 2 <= height; y += 2) dense_columns<step, most / 2, 2, vectors>(d, width, block, y, 0);
  for (; y < height; ++y)
    for (int t = 0, x = 0; t < tiles; ++t) {
      const int columns = t < wide_tiles ? narrow + 1 : narrow;
      dense_columns<step, most, 1, vectors>(d, columns, block, y, x);
      x += columns;
    }
}

template <int step>
void dense_step(const DenseLayer& d) {
  constexpr int at_once = kVectors / kParts;
  int block = 0;
  for (; block + at_once <= d.target.blocks; block += at_once) dense_rows<step, kVectors>(d, block);
  for (; block < d.target.blocks; ++block) dense_rows<step, kParts>(d, block);
}

void dense(const DenseLayer& d) {
  if (d.step == kBlock) return dense_step<kBlock>(d);
  if (d.step == 2 * kBlock) return dense_step<2 * kBlock>(d);
  if (d.step == 6) return dense_step<6>(d);
  if (d.step == 2) return dense_step<2>(d);
  if (d.step == 1) return dense_step<1>(d);
}

constexpr int kDepthwiseColumns = kLanes == kBlock ? 8 : 6;

template <int stride, int columns>
inline void depthwise_tile(const DepthwiseLayer& d, int block, int v, int y, int x) {
  const LayerTarget& t = d.target;
  Vector sum[columns];
  FACEAUTH_UNROLL
  for (int i = 0; i < columns; ++i) sum[i] = load(t.bias + block * kBlock + v * kLanes);
  const float* weights = d.weights + std::ptrdiff_t{1} * block * d.side * d.side * kBlock + v * kLanes;
  const float* row = d.source + block * d.source_plane + std::ptrdiff_t{1} * y * stride * d.source_row +
                     x * stride * kBlock + v * kLanes;
  for (int dy = 0; dy < d.side; ++dy, row += d.source_row) {
    const float* number = row;
    for (int dx = 0; dx < d.side; ++dx, number += kBlock, weights += kBlock) {
      const Vector weight = load(weights);
      FACEAUTH_UNROLL
      for (int i = 0; i < columns; ++i) sum[i] += weight * load(number + i * stride * kBlock);
    }
  }
  FACEAUTH_UNROLL
  for (int i = 0; i < columns; ++i) finish(t, block, v, y, x + i, sum[i]);
}

template <int stride>
void depthwise_stride(const DepthwiseLayer& d) {
  const int width = d.target.width;
  for (int block = 0; block < d.target.blocks; ++block)
    for (int y = 0; y < d.target.height; ++y)
      for (int v = 0; v < kParts; ++v) {
        int x = 0;
        for (; x + kDepthwiseColumns <= width; x += kDepthwiseColumns)
          depthwise_tile<stride, kDepthwiseColumns>(d, block, v, y, x);
        for (; x + 3 <= width; x += 3) depthwise_tile<stride, 3>(d, block, v, y, x);
        for (; x < width; ++x) depthwise_tile<stride, 1>(d, block, v, y, x);
      }
}

void depthwise(const DepthwiseLayer& d) {
  if (d.stride == 1) return depthwise_stride<1>(d);
  depthwise_stride<2>(d);
}

constexpr int kRowsAtOnce = 4;

// Every filter is added up along `next` floats; `into` may hold sums already.
inline void filter_rows(const float* from, int row, const float* filter, int count, int next, bool add, float* into) {
  Vector sum[kRowsAtOnce];
  FACEAUTH_UNROLL
  for (int r = 0; r < kRowsAtOnce; ++r) sum[r] = add ? load(into + r * row) : Vector{};
  for (int n = 0; n < count; ++n, from += next) {
    FACEAUTH_UNROLL
    for (int r = 0; r < kRowsAtOnce; ++r) sum[r] += load(from + r * row) * filter[n];
  }
  FACEAUTH_UNROLL
  for (int r = 0; r < kRowsAtOnce; ++r) store(into + r * row, sum[r]);
}

void separable(const SeparableLayer& s) {
  for (int y = 0; y < s.height + s.down_count - 1; y += kRowsAtOnce)
    for (int x = 0; x < s.width; x += kLanes)
      filter_rows(s.source + y * s.row + x, s.row, s.across, s.across_count, 1, false, s.scratch + y * s.row + x);
  for (int y = 0; y < s.height; y += kRowsAtOnce)
    for (int x = 0; x < s.width; x += kLanes)
      filter_rows(s.scratch + y * s.row + x, s.row, s.down, s.down_count, s.row, true, s.sums + y * s.row + x);
}

}  // namespace
}  // namespace faceauth::vision
