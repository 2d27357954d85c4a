#include <faced/auth/lockout.h>

#include <algorithm>
#include <limits>

namespace faceauth {
namespace {

using std::chrono::seconds;

constexpr seconds kWaitMost = std::chrono::hours(24);
// A strong authentication may lie this far in the future before the clock counts as set back: steps of time
// synchronisation are smaller.
constexpr seconds kClockSlack = std::chrono::minutes(5);

void count(std::uint32_t& failures) {
  if (failures < std::numeric_limits<std::uint32_t>::max()) ++failures;
}

// A wait longer than the failures earned means that the clock was set back after the last of them; then the wait is
// over, while the failures stay counted and the next one costs the full wait again.
bool waits(UnixTime until, std::uint32_t failures, const LockoutPolicy& policy, UnixTime now) {
  return now < until && until - now <= wait_after(failures, policy);
}

UnixTime locked_until(std::uint32_t failures, const LockoutPolicy& policy, UnixTime now) {
  const seconds wait = wait_after(failures, policy);
  return wait == seconds(0) ? UnixTime{} : now + wait;
}

}  // namespace

seconds wait_after(std::uint32_t failures, const LockoutPolicy& policy) {
  const std::uint32_t free = std::max<std::uint32_t>(policy.failures, 1);  // the configuration refuses 0
  if (failures < free || policy.delay <= seconds(0)) return seconds(0);
  seconds wait = policy.delay;
  for (std::uint32_t doublings = failures - free; doublings > 0 && wait < kWaitMost; --doublings) wait *= 2;
  return std::min(wait, kWaitMost);
}

Hold face_hold(const UserState& state, const LockoutPolicy& policy, UnixTime now) {
  if (state.switched_off || state.face_disabled || state.face_failures >= policy.disable_after) return Hold::disabled;
  return waits(state.face_locked_until, state.face_failures, policy, now) ? Hold::waiting : Hold::none;
}

Hold password_hold(const UserState& state, const LockoutPolicy& policy, UnixTime now) {
  return waits(state.password_locked_until, state.password_failures, policy, now) ? Hold::waiting : Hold::none;
}

void face_refused(UserState& state, const LockoutPolicy& policy, UnixTime now) {
  count(state.face_failures);
  state.face_locked_until = locked_until(state.face_failures, policy, now);
  if (state.face_failures >= policy.disable_after) state.face_disabled = true;
}

void face_matched(UserState& state) {
  state.face_failures = 0;
  state.face_locked_until = {};
}

void password_refused(UserState& state, const LockoutPolicy& policy, UnixTime now) {
  count(state.password_failures);
  state.password_locked_until = locked_until(state.password_failures, policy, now);
}

void password_matched(UserState& state, UnixTime now, const BootId& boot) {
  unlocked(state);
  strongly_authenticated(state, now, boot);
}

void password_matched_beside_face(UserState& state, UnixTime now, const BootId& boot) {
  state.password_failures = 0;
  state.password_locked_until = {};
  strongly_authenticated(state, now, boot);
}

void unlocked(UserState& state) {
  state.face_failures = 0;
  state.face_locked_until = {};
  state.face_disabled = false;
  state.password_failures = 0;
  state.password_locked_until = {};
}

void strongly_authenticated(UserState& state, UnixTime now, const BootId& boot) {
  state.strong_auth_at = now;
  state.strong_auth_boot = boot;
}

bool strong_auth_due(const UserState& state, const StrongAuthPolicy& policy, UnixTime now, const BootId& boot) {
  const bool aged = policy.max_age > std::chrono::hours(0);
  if (!policy.after_boot && !aged) return false;
  if (state.strong_auth_at == UnixTime{}) return true;
  // An unknown boot id (all zero) is no boot anybody authenticated in.
  if (policy.after_boot && (boot == BootId{} || state.strong_auth_boot != boot)) return true;
  if (!aged) return false;
  return now - state.strong_auth_at >= policy.max_age || state.strong_auth_at - now > kClockSlack;
}

}  // namespace faceauth
