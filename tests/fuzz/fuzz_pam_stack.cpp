// A PAM service file as enroll-tool reads it before it changes one.
#include "fuzz.h"

#include <enroll-tool/pam_stack.h>

#include <string_view>

using namespace faceauth;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const enroll::pam::File file = enroll::pam::parse_file(text);
  std::size_t behind = 0;
  for (const enroll::pam::Line& line : file.lines) {
    fuzz::must(line.begin >= behind && line.begin <= line.end && line.end <= text.size(), "lines lie in order");
    fuzz::must(line.number >= 1, "lines are counted from one");
    behind = line.end;
    (void)enroll::pam::module_name(line.target);
  }
  enroll::pam::Actions actions{};
  (void)enroll::pam::parse_control(text, actions);
  return 0;
}
