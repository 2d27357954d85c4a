// The system calls that are left. Opening and looking up files by name fails (EACCES); whatever else is not on these
// lists ends the process at once (SIGSYS).
#pragma once

#include <faceauth/result.h>

namespace faceauth::vision {

// For the first process, and so for what it forks: everything both need once the models are loaded. New executable
// memory, new descriptors other than those passed in, and signals other than SIGKILL are not part of it.
[[nodiscard]] Result<void> filter_first_process();

// For a worker, on all its threads, once they run: no new process or thread, no descriptor besides those it has, no
// signal to anybody else. Only ever tightens: the first process's filter holds as well.
[[nodiscard]] Result<void> filter_worker();

}  // namespace faceauth::vision
