// What the process gives up so that a picture which breaks a decoder gains little.
#pragma once

#include <faceauth/result.h>

namespace faceauth::vision {

// At once on start: dies with its parent, gains no privileges, leaves no core and lets nobody attach.
[[nodiscard]] Result<void> confine_process();

// Once everything is loaded: no file can be written, and memory is bounded to what stands now plus a margin.
[[nodiscard]] Result<void> confine_resources();

}  // namespace faceauth::vision
