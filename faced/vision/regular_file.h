// What a descriptor that somebody passed us really is.
#pragma once

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <optional>

namespace faceauth::vision {

// The size of a regular file; nothing for everything else. glibc's fstat() is a newfstatat(), which takes a path as
// well and is not among the calls that a worker keeps.
[[nodiscard]] inline std::optional<std::uint64_t> regular_file_size(int fd) {
  struct stat st {};
  if (::syscall(SYS_fstat, fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0) return std::nullopt;
  return static_cast<std::uint64_t>(st.st_size);
}

}  // namespace faceauth::vision
