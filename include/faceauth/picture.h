// The memory through which a camera's pictures reach whoever may see them: written by the eye, read by enroll-tool,
// looked into by nobody else. The keeper makes it, of fixed size, and passes it on.
//
// At the beginning lies a Header, at kPixelsAt the pixels: rows of red, green and blue bytes without padding. `stamp`
// is odd while the eye writes and grows by two with each picture; a reader copies, and believes the copy only if the
// stamp is even and the same before and after. Nothing in it is to be trusted.
#pragma once

#include <cstddef>
#include <cstdint>

namespace faceauth::picture {

inline constexpr std::uint32_t kSideMax = 320;  // pixels; large enough for a terminal, too small to be of other use

struct Header {
  std::uint32_t stamp = 0;
  std::uint32_t width = 0, height = 0;                // of the picture
  std::uint32_t source_width = 0, source_height = 0;  // of the camera's frame that it is made of
};

inline constexpr std::size_t kPixelsAt = 64;
inline constexpr std::size_t kBytes = kPixelsAt + std::size_t{3} * kSideMax * kSideMax;
static_assert(sizeof(Header) <= kPixelsAt);

}  // namespace faceauth::picture
