// A slip of the pen, set right.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace faceauth::enroll {

// The word of `words` that `typed` was most likely meant to be: two letters wrong, missing, too many or swapped at the
// most, and not as many as it has. Empty: none is that near.
[[nodiscard]] std::string nearest(std::string_view typed, const std::vector<std::string>& words);

}  // namespace faceauth::enroll
