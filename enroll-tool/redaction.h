// A text without what must not be published: whose machine it is of, and secrets. Pure.
#pragma once

#include <string>
#include <vector>

namespace faceauth::enroll {

// Of names and the host's name every word that is one; the value of every option whose name promises a secret; every
// run of 32 letters and digits.
[[nodiscard]] std::string redacted(const std::string& text, const std::vector<std::string>& names,
                                   const std::string& host);

// What redacted() could find whole.
[[nodiscard]] bool is_one_word(const std::string& text);

}  // namespace faceauth::enroll
