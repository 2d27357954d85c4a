// When a new template completes one that has dlib's encoding alone. Pure.
#pragma once

#include <faced/store/records.h>

namespace faceauth {

// One stranger in a hundred thousand is nearer than this, by single comparisons over LFW's faces. It keeps what was
// imported from being completed by somebody else's face; what a login decides by is bound elsewhere.
inline constexpr float kDlibStrict = 0.42F;

// `fresh` was taken by a camera, with the same network, and lies within kDlibStrict of the incomplete one.
[[nodiscard]] bool completes(const Template& fresh, const Template& incomplete);

// Numbers that dlib's network can have given: finite, and of a length that faces have.
[[nodiscard]] bool plausible_dlib(const std::array<float, kDlibDims>& encoding);

}  // namespace faceauth
