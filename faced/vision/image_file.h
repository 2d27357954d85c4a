// Picture files that arrive as descriptors from people who may mean no good.
#pragma once

#include <faced/vision/image_decoder.h>

namespace faceauth::vision {

// Takes regular files only, at most limits::kImageBytesMax; never blocks on a FIFO or an endless device and never
// throws. The descriptor's file position is not used.
[[nodiscard]] Picture read_image(int fd);

}  // namespace faceauth::vision
