// Where the research photos are that no test may need: FACEAUTH_DATA, or ../shared/data beside the checkout. It need
// not exist.
#pragma once

#include <tests/support/built.h>
#include <cstdlib>
#include <string>

namespace faceauth::test {

inline std::string research_data() {
  const char* given = std::getenv("FACEAUTH_DATA");
  return given != nullptr && *given != '\0' ? given : built::source("../shared/data");
}

}  // namespace faceauth::test
