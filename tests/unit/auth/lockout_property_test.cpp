// Random sequences of what can happen to one user, shrunk to the shortest that breaks a rule. Beside the tables of
// lockout_test.cpp: these hold for every policy and order, with the state written and read between any two steps.
#include <faced/auth/lockout.h>
#include <faced/store/record_format.h>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <vector>

namespace faceauth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

enum class Event : std::uint8_t {
  wrong_face,
  right_face,
  wrong_password,
  right_password,
  password_beside_face,
  unlock
};

struct Step {
  Event event{};
  std::int64_t after_s = 0;  // since the step before
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  constexpr const char* kNames[] = {"wrong face",     "right face",           "wrong password",
                                    "right password", "password beside face", "unlock"};
  return out << kNames[static_cast<std::size_t>(step.event)] << " after " << step.after_s << " s";
}

struct Walk {
  LockoutPolicy policy;
  std::vector<Step> steps;
};

std::ostream& operator<<(std::ostream& out, const Walk& walk) {
  out << "failures " << walk.policy.failures << ", delay " << walk.policy.delay.count() << " s, disabled after "
      << walk.policy.disable_after;
  for (const Step& step : walk.steps) out << "; " << step;
  return out;
}

const BootId kBoot{1};
const UnixTime kStart{seconds(1'700'000'000)};

// Tries of an attacker are most of it, and they come as soon as he may.
rc::Gen<Walk> walks(bool clock_goes_back) {
  const auto event = rc::gen::weightedElement<Event>({{12, Event::wrong_face},
                                                      {1, Event::right_face},
                                                      {6, Event::wrong_password},
                                                      {1, Event::right_password},
                                                      {1, Event::password_beside_face},
                                                      {1, Event::unlock}});
  const auto pause = rc::gen::oneOf(rc::gen::inRange<std::int64_t>(0, 3), rc::gen::inRange<std::int64_t>(0, 200),
                                    rc::gen::inRange<std::int64_t>(clock_goes_back ? -100'000 : 0, 100'000));
  const auto step = rc::gen::construct<Step>(event, pause);
  const auto policy = rc::gen::construct<LockoutPolicy>(
      rc::gen::inRange<std::uint32_t>(1, 12), rc::gen::map(rc::gen::inRange(0, 120), [](int s) { return seconds(s); }),
      rc::gen::inRange<std::uint32_t>(1, 60));
  return rc::gen::construct<Walk>(policy, rc::gen::container<std::vector<Step>>(step));
}

// As the store keeps it, and a restart reads it.
UserState stored(const UserState& state) {
  const auto bytes = format::encode(state);
  const std::optional<UserState> read = format::decode_state(bytes);
  RC_ASSERT(read.has_value());
  return *read;
}

// What the keeper does: it looks first, and does not try what is held.
void take(const Step& step, const LockoutPolicy& policy, UserState& state, UnixTime now) {
  const bool face_free = face_hold(state, policy, now) == Hold::none;
  const bool password_free = password_hold(state, policy, now) == Hold::none;
  switch (step.event) {
    case Event::wrong_face:
      if (face_free) face_refused(state, policy, now);
      break;
    case Event::right_face:
      if (face_free) face_matched(state);
      break;
    case Event::wrong_password:
      if (password_free) password_refused(state, policy, now);
      break;
    case Event::right_password:
      if (password_free) password_matched(state, now, kBoot);
      break;
    case Event::password_beside_face:
      if (password_free) password_matched_beside_face(state, now, kBoot);
      break;
    case Event::unlock:
      unlocked(state);
      break;
  }
}

bool clears_the_face(const Step& step) { return step.event == Event::right_password || step.event == Event::unlock; }

template <class Look>
void walk_through(const Walk& walk, Look look) {
  UserState state;
  UnixTime now = kStart;
  for (const Step& step : walk.steps) {
    now += seconds(step.after_s);
    const UserState before = state;
    take(step, walk.policy, state, now);
    state = stored(state);
    look(step, before, state, now);
  }
}

// However an attacker times his tries: between two rewards (a right face, a password, an unlock) the face is tried at
// most disable_after times, and then not again.
RC_GTEST_PROP(LockoutProperty, AFaceHasOnlySoManyTries, ()) {
  const Walk walk = *walks(true);
  std::uint32_t tries = 0;
  walk_through(walk, [&](const Step& step, const UserState& before, const UserState& after, UnixTime now) {
    if (clears_the_face(step) && after.face_failures == 0) tries = 0;
    if (step.event == Event::right_face && after.face_failures == 0 && before.face_failures > 0) tries = 0;
    if (after.face_failures > before.face_failures) ++tries;
    RC_ASSERT(tries <= walk.policy.disable_after);
    RC_ASSERT(after.face_failures == tries);
    if (tries == walk.policy.disable_after)
      for (const hours later : {hours(0), hours(24), hours(24 * 400)})
        RC_ASSERT(face_hold(after, walk.policy, now + later) == Hold::disabled);
  });
}

// Within one run, whose waits are counted by a clock that only goes forward, the tries beyond the first lie at least as
// far apart as they must.
RC_GTEST_PROP(LockoutProperty, TriesLieApart, ()) {
  const Walk walk = *walks(false);
  std::optional<UnixTime> face_since, password_since;
  walk_through(walk, [&](const Step&, const UserState& before, const UserState& after, UnixTime now) {
    if (after.face_failures > before.face_failures) {
      if (face_since) RC_ASSERT(now - *face_since >= wait_after(before.face_failures, walk.policy));
      face_since = now;
    }
    if (after.face_failures < before.face_failures) face_since.reset();
    if (after.password_failures > before.password_failures) {
      if (password_since) RC_ASSERT(now - *password_since >= wait_after(before.password_failures, walk.policy));
      password_since = now;
    }
    if (after.password_failures < before.password_failures) password_since.reset();
  });
}

// A password is a way in that is never closed for good, whatever was tried before and wherever the clock stands.
RC_GTEST_PROP(LockoutProperty, APasswordIsDelayedByADayAtMost, ()) {
  const Walk walk = *walks(true);
  walk_through(walk, [&](const Step&, const UserState&, const UserState& after, UnixTime now) {
    RC_ASSERT(password_hold(after, walk.policy, now) != Hold::disabled);
    // Who waits now waits no longer tomorrow. (After a clock that was set back a wait may begin again, once.)
    RC_ASSERT(password_hold(after, walk.policy, now) == Hold::none ||
              password_hold(after, walk.policy, now + hours(24)) == Hold::none);
    RC_ASSERT(password_hold(after, walk.policy, now - hours(24 * 3650)) == Hold::none);
  });
}

// The factors are counted apart: what is tried of one changes nothing of the other, but for a right password where it
// suffices.
RC_GTEST_PROP(LockoutProperty, OneFactorCostsNothingOfTheOther, ()) {
  const Walk walk = *walks(true);
  walk_through(walk, [&](const Step& step, const UserState& before, const UserState& after, UnixTime) {
    const auto face = [](const UserState& s) {
      return std::tuple(s.face_failures, s.face_locked_until, s.face_disabled);
    };
    const auto password = [](const UserState& s) { return std::tuple(s.password_failures, s.password_locked_until); };
    if (step.event == Event::wrong_face || step.event == Event::right_face)
      RC_ASSERT(password(before) == password(after));
    if (step.event == Event::wrong_password || step.event == Event::password_beside_face)
      RC_ASSERT(face(before) == face(after));
    RC_ASSERT(before.switched_off == after.switched_off);
  });
}

// A right password, where it suffices, and root's unlock open the face again, wherever it stood.
RC_GTEST_PROP(LockoutProperty, ThereIsAlwaysAWayBack, ()) {
  const Walk walk = *walks(true);
  walk_through(walk, [&](const Step& step, const UserState&, const UserState& after, UnixTime now) {
    UserState opened = after;
    unlocked(opened);
    RC_ASSERT(face_hold(opened, walk.policy, now) == Hold::none);
    RC_ASSERT(password_hold(opened, walk.policy, now) == Hold::none);
    if (step.event == Event::right_password && after.password_failures == 0 && after.strong_auth_at == now)
      RC_ASSERT(face_hold(after, walk.policy, now) == Hold::none);
  });
}

}  // namespace
}  // namespace faceauth
