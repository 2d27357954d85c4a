// Landlock: the kernel's own list of what this process may reach by name, which here is nothing.
#pragma once

#include <faceauth/result.h>

namespace faceauth::vision {

// No file and directory, no TCP port and, where the kernel can, no abstract socket and no process outside: not for
// this thread, nor for what it starts from here on. Descriptors that are open, or are passed in later, keep working.
// False when this kernel has no Landlock. Needs no_new_privs.
[[nodiscard]] Result<bool> enter_landlock();

}  // namespace faceauth::vision
