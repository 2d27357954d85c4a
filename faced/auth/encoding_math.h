// Arithmetic on encodings. Whatever cannot be measured (not finite, no length) is infinitely far from everything.
#pragma once

#include <faceauth/sight.h>

#include <cstddef>

namespace faceauth::encoding_math {

// All numbers finite and neither vector of length zero.
[[nodiscard]] bool usable(const Encodings& e);

// Adds fr_feature scaled to length 1 and dlib as it is. `one` must be usable.
void add(Encodings& sum, const Encodings& one);

// Turns a sum of `count` into the mean: fr_feature to length 1, dlib divided. False, and zeros, when there is none.
[[nodiscard]] bool to_mean(Encodings& sum, std::size_t count);

// Of the vectors scaled to length 1: 0..2, or infinity.
[[nodiscard]] float feature_distance(const Encodings& a, const Encodings& b);

// Of the vectors as they are, or infinity.
[[nodiscard]] float dlib_distance(const Encodings& a, const Encodings& b);

}  // namespace faceauth::encoding_math
