// Where this build left what tests run and read. Compiled into one file (built.cpp.in): given to each by the compiler's
// command line, they would have every checkout compile every test anew.
#pragma once

#include <string>

namespace faceauth::test::built {

// Folders.
extern const char *const kSource, *const kModels, *const kPhotos, *const kCatalogues;
// Programs.
extern const char *const kFaced, *const kEye, *const kStandInEye, *const kTool, *const kPamLogin, *const kTerminalHost;
// What libpam loads, and what is preloaded.
extern const char *const kPamModule, *const kPamProbe, *const kFakeCamera, *const kFakeLogind, *const kFakeClock,
                                                                                                   *const kFakeFaults;

inline std::string source(const std::string& file) { return std::string(kSource) + "/" + file; }
inline std::string model(const std::string& file) { return std::string(kModels) + "/" + file; }
inline std::string photo(const std::string& file) { return std::string(kPhotos) + "/" + file; }

}  // namespace faceauth::test::built
