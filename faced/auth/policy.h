// What a service asks for, joined with what its PAM line asks for. Pure.
#pragma once

#include <faced/config/config.h>

#include <faceauth/verdict.h>

namespace faceauth {

struct Demand {
  Factors factors = Factors::none;  // never unset
  Intent intent = Intent::none;
};

// Both must be satisfied: face AND (face|password) = face; face AND password = face+password; `none` on either side
// stays none. Of the intents the stronger one (gesture > enter > none).
[[nodiscard]] Demand join(const ServicePolicy& service, Factors option, Intent option_intent);

[[nodiscard]] constexpr bool face_may_suffice(Factors f) {
  return f == Factors::face || f == Factors::face_or_password;
}
[[nodiscard]] constexpr bool password_may_suffice(Factors f) {
  return f == Factors::password || f == Factors::face_or_password;
}

}  // namespace faceauth
