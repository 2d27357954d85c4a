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

}  // namespace faceauth::test
