// Howdy's files, one a user: a JSON list of {"time", "label", "id", "data": [[128 numbers], ...]}. They lie where
// others may have written, so nothing in them is believed: pure, bounded, and an error never tells what a file holds.
#pragma once

#include <faceauth/result.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth::enroll {

inline constexpr std::size_t kHowdyFileMost = 1 << 20;  // a model takes 3 KiB
inline constexpr std::size_t kHowdyModelsMost = 64;     // of one user, who may have no more templates

struct HowdyModel {
  std::string label;          // printable, at most limits::kLabelMax bytes; may be empty
  std::uint64_t created = 0;  // Unix seconds
  std::array<float, 128> encoding{};
};

// Every encoding of a file; one that has several (Howdy could) gives several. Errors: invalid_argument.
[[nodiscard]] Result<std::vector<HowdyModel>> parse_howdy(std::string_view text);

// "alice" of "alice.dat"; nothing for what is no such name.
[[nodiscard]] std::string howdy_user(std::string_view file_name);

}  // namespace faceauth::enroll
