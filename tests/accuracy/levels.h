// The product's levels, in the order of the reports.
#pragma once

#include <faced/config/config.h>

#include <array>
#include <cstddef>

namespace faceauth::eval {

inline constexpr std::array kAllLevels = {MatchLevel::convenient, MatchLevel::balanced, MatchLevel::strict};
inline constexpr std::size_t kLevels = kAllLevels.size();

[[nodiscard]] constexpr std::size_t index_of(MatchLevel level) {
  std::size_t at = 0;
  while (kAllLevels[at] != level) ++at;
  return at;
}

[[nodiscard]] constexpr const char* name_of(MatchLevel level) {
  constexpr std::array kNames = {"convenient", "balanced", "strict"};
  return kNames[index_of(level)];
}

}  // namespace faceauth::eval
