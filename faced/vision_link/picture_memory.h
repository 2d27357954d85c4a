// Makes the memory of faceauth/picture.h.
#pragma once

#include <faced/util/fd.h>

#include <faceauth/result.h>

namespace faceauth {

// Two descriptors of one piece of memory that nobody can shrink or grow.
struct PictureMemory {
  Fd to_write, to_read;  // the second one cannot be made to write by anybody but root and the daemon's user
};

// Errors: io.
[[nodiscard]] Result<PictureMemory> make_picture_memory();

}  // namespace faceauth
