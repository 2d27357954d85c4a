// A process by a descriptor, which never means another one that has its number later.
#pragma once

#include <faced/util/fd.h>

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace faceauth {

// Of whoever has the number now; invalid, with errno, where nobody has. Readable once it has ended.
[[nodiscard]] inline Fd pidfd_of(pid_t pid) { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

}  // namespace faceauth
