// Other programs, asked something: with nothing on their standard input, a bounded answer, and a deadline.
#pragma once

#include <faceauth/result.h>

#include <string>
#include <vector>

namespace faceauth::enroll {

struct Said {
  int exit = -1;     // -1: ended by a signal or by the deadline
  std::string text;  // both outputs, cut at a megabyte
};

// argv[0] is an absolute path; the environment is empty but for a PATH and the C locale. Errors: not_found, io.
[[nodiscard]] Result<Said> ask_program(const std::vector<std::string>& argv);

}  // namespace faceauth::enroll
