// Included by one source file for each set of instructions, which first says how many floats a vector has (kLanes), and
// what its registers hold: kVectors vectors of channels for kColumnsMax windows, or kSumsMax such sums over all.
// Nothing but constants of the language in here: an inline function compiled for AVX-512 could be the one that the
// linker keeps for all.
#pragma once

#include <faced/vision/face_kernels.h>

#if defined(__clang__)
#define FACEAUTH_UNROLL _Pragma("unroll")
#else
#define FACEAUTH_UNROLL _Pragma("GCC unroll 32")
#endif

namespace faceauth::vision {
namespace {

typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
typedef float Anywhere __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

inline Vector load(const float* at) { return *reinterpret_cast<const Anywhere*>(at); }
inline void store(float* at, Vector value) { *reinterpret_cast<Anywhere*>(at) = value; }
inline Vector larger(Vector a, Vector b) { return a > b ? a : b; }

// `columns` by `rows` neighbouring windows for `vectors` vectors of output channels: their sums stay in registers.
template <int step, int columns, int rows, int vectors>
inline void tile(const Convolution& c, const float* source, const float* weights, const float* bias, float* target) {
  Vector sum[rows][columns][vectors];
  FACEAUTH_UNROLL
  for (int r = 0; r < rows; ++r) FACEAUTH_UNROLL
  for (int x = 0; x < columns; ++x) FACEAUTH_UNROLL
  for (int v = 0; v < vectors; ++v) sum[r][x][v] = load(bias + v * kLanes);

  const int next_row = c.stride * c.source_row;
  for (int y = 0; y < c.window_rows; ++y) {
    const float* number = source + y * c.source_row;
    const float* const end = number + c.window_row;
    for (; number != end; ++number, weights += kChannelGroup) {
      Vector weight[vectors];
      FACEAUTH_UNROLL
      for (int v = 0; v < vectors; ++v) weight[v] = load(weights + v * kLanes);
      FACEAUTH_UNROLL
      for (int r = 0; r < rows; ++r) FACEAUTH_UNROLL
      for (int x = 0; x < columns; ++x) {
        const float one = number[r * next_row + x * step];
        FACEAUTH_UNROLL
        for (int v = 0; v < vectors; ++v) sum[r][x][v] += weight[v] * one;
      }
    }
  }

  for (int r = 0; r < rows; ++r) FACEAUTH_UNROLL
  for (int x = 0; x < columns; ++x) FACEAUTH_UNROLL
  for (int v = 0; v < vectors; ++v) {
    float* const at = target + r * c.target_row + x * c.outputs + v * kLanes;
    Vector value = sum[r][x][v];
    if (c.add) value += load(at);
    store(at, c.relu ? larger(value, Vector{}) : value);
  }
}

// Rows that are taken together, so that there are sums enough to wait for none.
constexpr int rows_of(int width) {
  int rows = 1;
  for (int more = 2; more <= width; ++more)
    if (width % more == 0 && more * width * kVectors <= kSumsMax) rows = more;
  return rows;
}

template <int step, int width>
void convolve(const Convolution& c) {
  constexpr int tiles = (width + kColumnsMax - 1) / kColumnsMax;
  constexpr int narrow = width / tiles, wide = narrow + 1, wide_tiles = width % tiles;
  constexpr int rows = tiles == 1 ? rows_of(width) : 1;
  for (int channel = 0; channel < c.outputs; channel += kVectors * kLanes) {
    const int group = channel / kChannelGroup * kChannelGroup;
    const float* const weights = c.weights + std::size_t{1} * group * c.window_rows * c.window_row + (channel - group);
    for (int y = 0; y < width; y += rows) {
      const float* source = c.source + y * c.stride * c.source_row;
      float* target = c.target + y * c.target_row + channel;
      for (int t = 0; t < wide_tiles; ++t, source += wide * step, target += wide * c.outputs)
        tile<step, wide, 1, kVectors>(c, source, weights, c.bias + channel, target);
      for (int t = wide_tiles; t < tiles; ++t, source += narrow * step, target += narrow * c.outputs)
        tile<step, narrow, rows, kVectors>(c, source, weights, c.bias + channel, target);
    }
  }
}

// What dlib's network consists of.
Convolve convolve_for(int step, int width) {
  if (width == 1) return convolve<0, 1>;
  if (step == 6 && width == 72) return convolve<6, 72>;
  if (step == 32 && width == 35) return convolve<32, 35>;
  if (step == 64 && width == 17) return convolve<64, 17>;
  if (step == 128 && width == 8) return convolve<128, 8>;
  if (step == 256 && width == 4) return convolve<256, 4>;
  if (step == 256 && width == 3) return convolve<256, 3>;
  return nullptr;
}

void widen(const std::uint8_t* from, float* to, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
}

void max_pool(const float* from, int row, float* to, int to_row, int width, int channels) {
  for (int y = 0; y < width; ++y)
    for (int x = 0; x < width; ++x)
      for (int channel = 0; channel < channels; channel += kLanes) {
        const float* at = from + 2 * y * row + 2 * x * channels + channel;
        Vector most = load(at);
        for (int dy = 0; dy < 3; ++dy)
          for (int dx = 0; dx < 3; ++dx) most = larger(most, load(at + dy * row + dx * channels));
        store(to + y * to_row + x * channels + channel, most);
      }
}

void average_pool(const float* from, int row, int channels, float* to, int to_row, int width, int to_channels) {
  for (int y = 0; y < width; ++y)
    for (int x = 0; x < width; ++x)
      for (int channel = 0; channel < to_channels; channel += kLanes) {
        const float* at = from + 2 * y * row + 2 * x * channels + channel;
        Vector sum{};
        if (channel < channels) sum = load(at) + load(at + channels) + load(at + row) + load(at + row + channels);
        store(to + y * to_row + x * to_channels + channel, sum * 0.25F);
      }
}

}  // namespace
}  // namespace faceauth::vision
