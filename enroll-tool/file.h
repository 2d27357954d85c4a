// Files that somebody else may have put there, read with care, and the system's own words for what it refused.
#pragma once

#include <faceauth/result.h>
#include <sys/types.h>

#include <cerrno>
#include <string>

namespace faceauth::enroll {

// "No such file or directory"
[[nodiscard]] std::string reason(int error = errno);

// What a file is read as, for the message when it is larger than `most` bytes.
struct FileKind {
  off_t most = 0;
  const char* name = "";  // "a configuration"
};

// The whole of a regular file; nothing else is read. Errors, each with the path in front: not_found, io.
[[nodiscard]] Result<std::string> read_open_file(int fd, const std::string& path, FileKind kind);

// `flags` more for open(): O_NOFOLLOW where the folder may be another's. A FIFO or a device does not hang it.
[[nodiscard]] Result<std::string> read_file(const std::string& path, FileKind kind, int flags = 0);

}  // namespace faceauth::enroll
