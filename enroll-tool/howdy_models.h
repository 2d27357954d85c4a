// Howdy's files, one a user: a JSON list of {"time", "label", "id", "data": [[128 numbers], ...]}. They lie where
// others may have written, so nothing in them is believed: pure, bounded, and an error never tells what a file holds.
#pragma once

#include <faceauth/result.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth::enroll {

inline constexpr std::size_t kHowdyFileMost = 1 << 20;  // a model takes 3 KiB
inline constexpr std::size_t kHowdyModelsMost = 64;     // of one user, who may have no more templates

// Overwritten when it goes, wherever it was copied to.
struct HowdyEncoding : std::array<float, 128> {
  HowdyEncoding() : array{} {}
  HowdyEncoding(const HowdyEncoding&) = default;
  HowdyEncoding& operator=(const HowdyEncoding&) = default;
  ~HowdyEncoding() { ::explicit_bzero(data(), sizeof(array)); }
};

struct HowdyModel {
  std::string label;          // printable, at most limits::kLabelMax bytes; may be empty
  std::uint64_t created = 0;  // Unix seconds
  HowdyEncoding encoding;
};

// Every encoding of a file; one that has several (Howdy could) gives several. No other memory comes to hold them: the
// file is read number by number. Errors: invalid_argument.
[[nodiscard]] Result<std::vector<HowdyModel>> parse_howdy(std::string_view text);

// "alice" of "alice.dat"; nothing for what is no such name.
[[nodiscard]] std::string howdy_user(std::string_view file_name);

}  // namespace faceauth::enroll
