// What `verify` tells a person beyond the verdict: which check refused, by how much, and what helps.
#pragma once

#include <faceauth/protocol.h>

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace faceauth::enroll {

struct Check {
  const char* name = "";
  bool held = false;
  float seen = 0, limit = 0;
  bool at_least = false;  // the limit is a least, not a most
};

// Those that were measured; none when the keeper gave no scores, as it does to everybody but root.
[[nodiscard]] std::vector<Check> checks_of(const wire::VerifyResult& result);

// "refused: 1.1432 of at most 1.0500, 0.0932 too far"
[[nodiscard]] std::string words_of(const Check& check);

// What to do now; empty after a match.
[[nodiscard]] std::string advice_for(const wire::VerifyResult& result, const std::vector<Check>& checks,
                                     bool from_image);

[[nodiscard]] nlohmann::ordered_json json_of(const std::vector<Check>& checks);

}  // namespace faceauth::enroll
