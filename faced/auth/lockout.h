// Failures and what they cost (NIST SP 800-63B-4, 3.2.2), and the age of the last strong authentication. Pure:
// each function takes a state and the time and returns or changes the state; the caller stores it. The time is
// Clock::wait_time() throughout.
#pragma once

#include <faced/config/config.h>
#include <faced/store/records.h>
#include <faced/util/clock.h>

#include <array>
#include <cstdint>

namespace faceauth {

using BootId = std::array<std::uint8_t, 16>;

enum class Hold : std::uint8_t { none, waiting, disabled };  // disabled: faces only

// Whether this factor may be tried now. A clock set back between two runs cannot lengthen a wait beyond what the
// failures earned.
[[nodiscard]] Hold face_hold(const UserState& state, const LockoutPolicy& policy, UnixTime now);
[[nodiscard]] Hold password_hold(const UserState& state, const LockoutPolicy& policy, UnixTime now);

// The wait after `failures` failures in a row: zero below policy.failures, then delay, doubling, at most one day.
[[nodiscard]] std::chrono::seconds wait_after(std::uint32_t failures, const LockoutPolicy& policy);

void face_refused(UserState& state, const LockoutPolicy& policy, UnixTime now);
void face_matched(UserState& state);
void password_refused(UserState& state, const LockoutPolicy& policy, UnixTime now);
// A right password also clears the face's failures and its disabled mark, and counts as strong authentication.
void password_matched(UserState& state, UnixTime now, const BootId& boot);
// Where the face is asked for besides, it must not free the face's tries: whoever has the password alone could go on
// trying faces for ever.
void password_matched_beside_face(UserState& state, UnixTime now, const BootId& boot);
// root's `unlock`: clears failures, waits and the disabled mark; leaves `switched_off`.
void unlocked(UserState& state);
void strongly_authenticated(UserState& state, UnixTime now, const BootId& boot);

[[nodiscard]] bool strong_auth_due(const UserState& state, const StrongAuthPolicy& policy, UnixTime now,
                                   const BootId& boot);

}  // namespace faceauth
