// Text that is shown once all of it is there. Beyond a megabyte it waits in a file without a name, so that a list of a
// million users takes no memory.
#pragma once

#include <faceauth/result.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace faceauth::enroll {

class Spool {
 public:
  void add(std::string_view text);
  // To `out`, from its beginning. Errors: no_space, io.
  [[nodiscard]] Result<void> show(std::FILE* out);

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  void move_to_file();

  std::string text_;  // what is not in the file yet
  std::unique_ptr<std::FILE, Close> file_;
  int failed_ = 0;  // errno of a write
};

}  // namespace faceauth::enroll
