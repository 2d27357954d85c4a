// Whether an image is good enough, with a reason a person can act on. Pure.
#pragma once

#include <faceauth/sight.h>

namespace faceauth {

// What the eye refused stays refused; otherwise size, light, sharpness and pose are held against fixed bounds.
// The login gate is the lenient one: it only drops frames that would cost accuracy. Gates on sharpness, yaw
// and pitch help; brightness gates hardly do, so only the hopeless is refused.
[[nodiscard]] FaceIssue gate_for_login(const Sight& sight);
[[nodiscard]] FaceIssue gate_for_enrolment(const Sight& sight);

}  // namespace faceauth
