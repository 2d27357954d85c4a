// Where the research photos are that no test may need: FACEAUTH_DATA, or ../shared/data beside the checkout. It need
// not exist. FACEAUTH_SOURCE_DIR is the including target's definition.
#pragma once

#include <cstdlib>
#include <string>

namespace faceauth::test {

inline std::string research_data() {
  const char* given = std::getenv("FACEAUTH_DATA");
  return given != nullptr && *given != '\0' ? given : FACEAUTH_SOURCE_DIR "/../shared/data";
}

}  // namespace faceauth::test
