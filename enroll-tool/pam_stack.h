// A PAM service file as libpam reads it: pure text in, lines with their places out. Nothing here opens a file.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth::enroll::pam {

// libpam's return codes that matter here, by their numbers, which its ABI fixes.
inline constexpr std::size_t kCodes = 32;
inline constexpr int kSuccess = 0, kAuthErr = 7, kNewAuthtokReqd = 12, kIgnored = 25, kIncomplete = 31;

// What a code makes libpam do; a positive number jumps over that many lines.
inline constexpr int kIgnore = 0, kOk = -1, kDone = -2, kBad = -3, kDie = -4, kReset = -5;
using Actions = std::array<int, kCodes>;

// The word or bracket that stands for a line's control. False: libpam calls it an error and treats all codes as bad.
bool parse_control(std::string_view control, Actions& out);

enum class Kind { module, include, substack };

struct Line {
  std::size_t begin = 0, end = 0;  // bytes of the text, the newline included
  int number = 0;                  // of its first row, from 1
  Kind kind = Kind::module;
  bool whole_file = false;  // Debian's @include: lines of every type
  std::string type;         // "auth" and so on, in lower case, without the minus
  Actions actions{};
  std::string target;              // a module's path or an included file's name
  std::vector<std::string> words;  // the module's options
  std::string error;               // libpam makes such a line fail whenever it is reached
};

struct File {
  std::vector<Line> lines;
  // Places that versions of libpam read differently, or that end a service. A file with one is never edited.
  std::vector<std::string> doubts;
};

[[nodiscard]] File parse_file(std::string_view text);

// The part of a module's path that names it, "pam_unix.so".
[[nodiscard]] std::string module_name(const std::string& path);

}  // namespace faceauth::enroll::pam
