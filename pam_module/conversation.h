// Both sides of a login: what the keeper asks and tells, and the person at the other end of PAM's conversation.
#pragma once

#include <pam_module/options.h>

#include <faceauth/protocol.h>

namespace faceauth::pam {

inline constexpr unsigned kAsksMax = 5, kNoticesMax = 10'000;
inline constexpr std::int64_t kHintEveryMs = 500;

// A PAM item as text; empty when it is not set.
[[nodiscard]] wire::Text item(pam_handle_t* pamh, int which) noexcept;
struct Outcome {
  Errc error = Errc::internal;  // as Channel's; the verdict counts only with Errc::ok
  Verdict verdict = Verdict::error;
  char user[limits::kUserNameMax + 1] = {};  // of a match: whose
  bool by_face_alone = false;                // it was looked for, and no password was given
  bool by_person = false;                    // the error is that the person had no wish to be looked at any more
  bool typed_for_us = false;                 // PAM_AUTHTOK is what he typed instead, and the keeper would judge it
};
// One line of the keeper's for a person, and back to the keeper that he was shown it; nothing when it is empty.
void tell(pam_handle_t* pamh, bool silent, Channel& channel, wire::Text line) noexcept;
// No user: whoever is recognised. `silent` is about what is told; it does not forbid questions.
[[nodiscard]] Outcome log_in(pam_handle_t* pamh, const Options& options, bool silent, wire::Text user) noexcept;

}  // namespace faceauth::pam
