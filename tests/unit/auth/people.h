// Invented encodings at exact distances, and sights that hold them.
#pragma once

#include <faced/store/records.h>

#include <faceauth/sight.h>

#include <cmath>
#include <cstddef>
#include <random>
#include <span>
#include <utility>

namespace faceauth::test {

// A direction of its own per seed; two of them are about 1.41 (fr_feature) and 2 (dlib) apart.
inline Encodings person(unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> gauss;
  Encodings e{};
  const auto fill = [&](std::span<float> v, float length) {
    float square = 0;
    for (float& x : v) {
      x = gauss(random);
      square += x * x;
    }
    for (float& x : v) x *= length / std::sqrt(square);
  };
  fill(e.feature, 1.0F);
  fill(e.dlib, 1.4F);
  return e;
}

// Encodings at these distances from `from`, in a direction chosen by `seed`.
inline Encodings away(const Encodings& from, float feature, float dlib, unsigned seed = 99) {
  Encodings aside = person(seed);
  float along = 0, square = 0;
  for (std::size_t i = 0; i < kFeatureDims; ++i) along += aside.feature[i] * from.feature[i];
  for (std::size_t i = 0; i < kFeatureDims; ++i) {
    aside.feature[i] -= along * from.feature[i];
    square += aside.feature[i] * aside.feature[i];
  }
  const float cosine = 1 - feature * feature / 2;
  const float sine = std::sqrt(1 - cosine * cosine);
  Encodings e{};
  for (std::size_t i = 0; i < kFeatureDims; ++i)
    e.feature[i] = cosine * from.feature[i] + sine * aside.feature[i] / std::sqrt(square);
  for (std::size_t i = 0; i < kDlibDims; ++i) e.dlib[i] = from.dlib[i] + aside.dlib[i] * dlib / 1.4F;
  return e;
}

inline Sight sight_of(const Encodings& e) {
  Sight s;
  s.issue = FaceIssue::none;
  s.faces = 1;
  s.quality = {.face_height_px = 200, .sharpness = 100, .brightness = 120};
  s.eyes_open = 0.95F;
  s.encoded = true;
  s.encodings = e;
  return s;
}

inline Sight live(const Encodings& e, float score) {
  Sight s = sight_of(e);
  s.liveness_measured = true;
  s.liveness = s.liveness_near = score;
  s.surroundings = 1;
  return s;
}

inline Sight nothing(FaceIssue issue) {
  Sight s;
  s.issue = issue;
  return s;
}

inline Secret<Encodings> secret(const Encodings& e) {
  Secret<Encodings> s;
  *s = e;
  return s;
}

}  // namespace faceauth::test
