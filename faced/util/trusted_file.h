// Opening files whose content steers the daemon. A path is trusted when every component is owned by root or by
// the reader's own uid and writable by nobody else, root-owned sticky directories (/tmp) excepted.
#pragma once

#include <faceauth/result.h>

#include <faced/util/fd.h>

#include <cstddef>
#include <string>

namespace faceauth {

// Walks the absolute or relative path component by component with openat(O_NOFOLLOW on the last one), checking
// each opened descriptor by fstat. Symbolic links in the middle are followed only when their owner is trusted.
// The file must be regular. Errors: not_found, unsafe_path (names the component), io.
[[nodiscard]] Result<Fd> open_trusted(const std::string& path);

// The same for a directory (the store).
[[nodiscard]] Result<Fd> open_trusted_directory(const std::string& path);

// A whole regular file from its descriptor. Errors: io, invalid_argument when larger than `max`.
[[nodiscard]] Result<std::string> read_all(int fd, std::size_t max);

}  // namespace faceauth
