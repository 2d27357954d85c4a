// The encodings of "face SEED", for the stand-in eye, which shows them, and for who looks for them in memory.
#pragma once

#include <faceauth/sight.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

namespace faceauth::test {

template <std::size_t N>
std::array<float, N> invented_vector(std::uint32_t seed, float length) {
  std::array<float, N> out{};
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  float sum = 0;
  for (float& v : out) {
    v = normal(random);
    sum += v * v;
  }
  for (float& v : out) v *= length / std::sqrt(sum);
  return out;
}

inline std::array<float, kDlibDims> invented_dlib(std::uint32_t seed) { return invented_vector<kDlibDims>(seed, 1.4F); }
inline std::array<float, kFeatureDims> invented_feature(std::uint32_t seed) {
  return invented_vector<kFeatureDims>(seed + 1'000'000, 1.0F);
}

// Another picture of the same face: about 0.45 from the plain one, and 0.6 from yet another.
inline void see_otherwise(Encodings& e, std::uint32_t view) {
  const std::array<float, kFeatureDims> aside = invented_vector<kFeatureDims>(2'000'000 + view, 0.47F);
  float sum = 0;
  for (std::size_t i = 0; i < kFeatureDims; ++i) {
    e.feature[i] += aside[i];
    sum += e.feature[i] * e.feature[i];
  }
  for (float& v : e.feature) v /= std::sqrt(sum);
}

// A face on the way from `e` to SEED's, `distance` from SEED's (at most what they are apart): who nearly passes for
// him.
inline void resemble(Encodings& e, std::uint32_t seed, float distance) {
  const std::array<float, kFeatureDims> goal = invented_feature(seed);
  float along = 0, length = 0;
  for (std::size_t i = 0; i < kFeatureDims; ++i) along += e.feature[i] * goal[i];
  for (std::size_t i = 0; i < kFeatureDims; ++i) {
    e.feature[i] -= along * goal[i];
    length += e.feature[i] * e.feature[i];
  }
  // Between unit vectors: distance^2 = 2 - 2 cos.
  const float cosine = 1 - distance * distance / 2, across = std::sqrt((1 - cosine * cosine) / length);
  for (std::size_t i = 0; i < kFeatureDims; ++i) e.feature[i] = cosine * goal[i] + across * e.feature[i];
  e.dlib = invented_dlib(seed);
}

}  // namespace faceauth::test
