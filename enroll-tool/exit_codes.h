// What every outcome means to the shell. The numbers are an interface: scripts rely on them.
#pragma once

#include <faceauth/errc.h>
#include <faceauth/verdict.h>

namespace faceauth::enroll {

enum class Exit : int {
  ok = 0,  // done, or matched
  negative = 1,
  usage = 2,
  not_permitted = 3,
  not_found = 4,       // no such user or template
  no_usable_face = 5,  // also any file that is no readable image
  unreachable = 6,
  refused_now = 7,  // locked out or busy
  camera = 8,
  internal = 70,
};

[[nodiscard]] Exit exit_of(Errc code);

// `from_image`: the face came from a file the caller chose, so an unusable one is his to replace; before a camera
// it is a plain "no".
[[nodiscard]] Exit exit_of(Verdict verdict, bool from_image);

// The verdict that tells the same as an error, for the JSON of `verify` and `identify`.
[[nodiscard]] Verdict verdict_of(Errc code);

}  // namespace faceauth::enroll
