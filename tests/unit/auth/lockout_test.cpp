#include <faced/auth/lockout.h>

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace faceauth {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const UnixTime kNow{seconds(1'700'000'000)};
const BootId kBoot{1, 2, 3}, kNextBoot{4, 5, 6};
constexpr std::uint32_t kMany = std::numeric_limits<std::uint32_t>::max();

TEST(WaitAfter, DoublesFromTheFirstUpToADay) {
  const LockoutPolicy policy;  // 5 failures, 30 s
  const std::pair<std::uint32_t, std::int64_t> table[] = {{0, 0},       {4, 0},         {5, 30},        {6, 60},
                                                          {7, 120},     {10, 960},      {16, 61'440},   {17, 86'400},
                                                          {50, 86'400}, {1000, 86'400}, {kMany, 86'400}};
  for (const auto& [failures, wait] : table) EXPECT_EQ(wait_after(failures, policy).count(), wait) << failures;
}

TEST(WaitAfter, OddPoliciesStayBounded) {
  EXPECT_EQ(wait_after(0, {.failures = 0}), seconds(0)) << "nobody waits before the first failure";
  EXPECT_EQ(wait_after(1, {.failures = 0}), seconds(30));
  EXPECT_EQ(wait_after(kMany, {.failures = 5, .delay = seconds(0)}), seconds(0));
  EXPECT_EQ(wait_after(1, {.failures = 1, .delay = hours(24 * 365)}), hours(24));
}

// The whole machine of one user's face, step by step.
TEST(Lockout, FaceWalk) {
  const LockoutPolicy policy{.failures = 3, .delay = seconds(30), .disable_after = 6};
  UserState state;
  UnixTime now = kNow;
  const struct {
    int wait_s;  // after this failure
    Hold hold;
  } failures[] = {{0, Hold::none},     {0, Hold::none},      {30, Hold::waiting},
                  {60, Hold::waiting}, {120, Hold::waiting}, {240, Hold::disabled}};
  for (const auto& step : failures) {
    ASSERT_EQ(face_hold(state, policy, now), Hold::none);
    face_refused(state, policy, now);
    EXPECT_EQ(face_hold(state, policy, now), step.hold);
    if (step.hold == Hold::waiting) {
      EXPECT_EQ(face_hold(state, policy, now + seconds(step.wait_s - 1)), Hold::waiting);
      now += seconds(step.wait_s);
    }
  }
  EXPECT_EQ(face_hold(state, policy, now + hours(24 * 3650)), Hold::disabled) << "time does not mend it";
  EXPECT_EQ(password_hold(state, policy, now), Hold::none) << "the password is a factor of its own";
  face_matched(state);
  EXPECT_EQ(face_hold(state, policy, now), Hold::disabled) << "nor does a match";

  password_matched(state, now, kBoot);
  EXPECT_EQ(face_hold(state, policy, now), Hold::none);
  EXPECT_EQ(state.face_failures, 0U);
  EXPECT_EQ(state.strong_auth_at, now);
}

TEST(Lockout, AMatchForgetsEarlierFailures) {
  const LockoutPolicy policy;
  UserState state;
  for (int i = 0; i < 4; ++i) face_refused(state, policy, kNow);
  face_matched(state);
  for (int i = 0; i < 4; ++i) face_refused(state, policy, kNow);
  EXPECT_EQ(face_hold(state, policy, kNow), Hold::none);
  face_refused(state, policy, kNow);
  EXPECT_EQ(face_hold(state, policy, kNow), Hold::waiting);
}

TEST(Lockout, PasswordsAreDelayedAndNeverDisabled) {
  const LockoutPolicy policy;
  UserState state;
  for (int i = 0; i < 4; ++i) password_refused(state, policy, kNow);
  EXPECT_EQ(password_hold(state, policy, kNow), Hold::none);
  for (int i = 0; i < 500; ++i) password_refused(state, policy, kNow);
  EXPECT_EQ(password_hold(state, policy, kNow + hours(24) - seconds(1)), Hold::waiting);
  EXPECT_EQ(password_hold(state, policy, kNow + hours(24)), Hold::none);
  EXPECT_EQ(face_hold(state, policy, kNow), Hold::none);
  password_matched(state, kNow, kBoot);
  EXPECT_EQ(password_hold(state, policy, kNow), Hold::none);
  EXPECT_EQ(state.password_failures, 0U);
}

TEST(Lockout, APasswordBesideTheFaceClearsOnlyItsOwnFailures) {
  UserState state;
  state.face_failures = 7, state.face_disabled = true;
  state.password_failures = 3;
  state.face_locked_until = state.password_locked_until = UnixTime(std::chrono::seconds(5000));
  const UserState before = state;
  const BootId boot{1};
  password_matched_beside_face(state, UnixTime(std::chrono::seconds(1000)), boot);
  EXPECT_EQ(state.face_failures, before.face_failures);
  EXPECT_EQ(state.face_locked_until, before.face_locked_until);
  EXPECT_TRUE(state.face_disabled);
  EXPECT_EQ(state.password_failures, 0u);
  EXPECT_EQ(state.password_locked_until, UnixTime{});
  EXPECT_EQ(state.strong_auth_boot, boot);
}

TEST(Lockout, UnlockClearsAllButWhatTheUserSwitchedOff) {
  const LockoutPolicy policy{.failures = 1, .delay = seconds(30), .disable_after = 2};
  UserState state;
  state.switched_off = true;
  state.password_stale = true;
  state.strong_auth_at = kNow;
  state.strong_auth_boot = kBoot;
  UserState expected = state;
  for (int i = 0; i < 3; ++i) {
    face_refused(state, policy, kNow);
    password_refused(state, policy, kNow);
  }
  EXPECT_TRUE(state.face_disabled);
  unlocked(state);
  EXPECT_EQ(state, expected);
  EXPECT_EQ(face_hold(state, policy, kNow), Hold::disabled) << "switched off";
  state.switched_off = false;
  EXPECT_EQ(face_hold(state, policy, kNow), Hold::none);
}

TEST(Lockout, CountersSaturate) {
  const LockoutPolicy policy;
  UserState state;
  state.face_failures = state.password_failures = kMany - 1;
  for (int i = 0; i < 3; ++i) {
    face_refused(state, policy, kNow);
    password_refused(state, policy, kNow);
  }
  EXPECT_EQ(state.face_failures, kMany);
  EXPECT_EQ(state.password_failures, kMany);
  EXPECT_EQ(password_hold(state, policy, kNow), Hold::waiting);
}

TEST(Lockout, AClockSetBackDoesNotLockOutForYears) {
  const LockoutPolicy policy;
  UserState state;
  for (int i = 0; i < 5; ++i) face_refused(state, policy, kNow);
  EXPECT_EQ(face_hold(state, policy, kNow), Hold::waiting);
  const UnixTime earlier = kNow - hours(24 * 365);
  EXPECT_EQ(face_hold(state, policy, earlier), Hold::none);
  face_refused(state, policy, earlier);  // the count went on
  EXPECT_EQ(face_hold(state, policy, earlier), Hold::waiting);
  EXPECT_EQ(face_hold(state, policy, earlier + seconds(59)), Hold::waiting);
  EXPECT_EQ(face_hold(state, policy, earlier + seconds(60)), Hold::none);
}

TEST(Lockout, AStricterPolicyHoldsForOldFailures) {
  UserState state;
  for (int i = 0; i < 12; ++i) face_refused(state, {.failures = 100, .delay = seconds(30), .disable_after = 100}, kNow);
  EXPECT_EQ(face_hold(state, {.failures = 100, .delay = seconds(30), .disable_after = 100}, kNow), Hold::none);
  EXPECT_EQ(face_hold(state, {.failures = 5, .delay = seconds(30), .disable_after = 10}, kNow), Hold::disabled);
}

// Whatever happens in whatever order, these hold.
TEST(Lockout, RandomWalksKeepTheRules) {
  std::mt19937 random(20240229);
  const auto below = [&random](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  for (int walk = 0; walk < 300; ++walk) {
    const LockoutPolicy policy{.failures = 1 + below(8), .delay = seconds(below(100)), .disable_after = 1 + below(30)};
    UserState state;
    UnixTime now = kNow;
    std::uint32_t in_a_row = 0;
    for (int step = 0; step < 200; ++step) {
      now += seconds(static_cast<std::int64_t>(below(400)) - (below(10) == 0 ? 4000 : 0));
      const Hold before = face_hold(state, policy, now);
      switch (below(12)) {
        case 0:
          password_matched(state, now, kBoot);
          in_a_row = 0;
          EXPECT_EQ(face_hold(state, policy, now), Hold::none);
          EXPECT_EQ(password_hold(state, policy, now), Hold::none);
          break;
        case 1:
          if (before != Hold::none) break;
          face_matched(state);
          in_a_row = 0;
          EXPECT_EQ(face_hold(state, policy, now), Hold::none);
          break;
        case 2:
          password_refused(state, policy, now);
          EXPECT_EQ(face_hold(state, policy, now), before) << "a password does not cost a face";
          EXPECT_LE(state.password_locked_until, now + wait_after(state.password_failures, policy));
          break;
        default:
          if (before != Hold::none) break;
          face_refused(state, policy, now);
          EXPECT_EQ(state.face_failures, ++in_a_row);
          if (in_a_row >= policy.disable_after)
            EXPECT_EQ(face_hold(state, policy, now), Hold::disabled);
          else
            EXPECT_EQ(face_hold(state, policy, now),
                      wait_after(in_a_row, policy) > seconds(0) ? Hold::waiting : Hold::none);
          EXPECT_NE(face_hold(state, policy, now + wait_after(in_a_row, policy)), Hold::waiting);
      }
      EXPECT_LT(state.face_failures, policy.disable_after + 1) << "no try beyond the last one";
    }
  }
}

UserState authenticated(UnixTime at, const BootId& boot) {
  UserState state;
  strongly_authenticated(state, at, boot);
  return state;
}

TEST(StrongAuth, IsDueAfterBootAndAfterItsAge) {
  const StrongAuthPolicy both, boot_only{true, hours(0)}, age_only{false, hours(72)}, never{false, hours(0)};
  const UserState fresh = authenticated(kNow, kBoot);
  const struct {
    const char* what;
    UserState state;
    StrongAuthPolicy policy;
    seconds later;
    BootId boot;
    bool due;
  } table[] = {
      {"just now", fresh, both, seconds(0), kBoot, false},
      {"a second before its age", fresh, both, hours(72) - seconds(1), kBoot, false},
      {"of age", fresh, both, hours(72), kBoot, true},
      {"after a restart", fresh, both, seconds(60), kNextBoot, true},
      {"never yet", UserState{}, both, seconds(0), kBoot, true},
      {"boot only: old", fresh, boot_only, hours(9999), kBoot, false},
      {"boot only: restart", fresh, boot_only, seconds(1), kNextBoot, true},
      {"boot only: never yet", UserState{}, boot_only, seconds(0), BootId{}, true},
      {"age only: restart", fresh, age_only, seconds(1), kNextBoot, false},
      {"age only: old", fresh, age_only, hours(73), kBoot, true},
      {"age only: never yet", UserState{}, age_only, seconds(0), kBoot, true},
      {"never asked", UserState{}, never, hours(9999), kNextBoot, false},
      {"a small step of the clock", fresh, both, -minutes(4), kBoot, false},
      {"the clock set back", fresh, both, -minutes(6), kBoot, true},
      {"the clock set back, boot only", fresh, boot_only, -hours(99), kBoot, false},
      {"unknown boot id", authenticated(kNow, BootId{}), both, seconds(1), BootId{}, true},
  };
  for (const auto& row : table)
    EXPECT_EQ(strong_auth_due(row.state, row.policy, kNow + row.later, row.boot), row.due) << row.what;
}

TEST(StrongAuth, ARightPasswordCounts) {
  UserState state;
  EXPECT_TRUE(strong_auth_due(state, {}, kNow, kBoot));
  password_matched(state, kNow, kBoot);
  EXPECT_FALSE(strong_auth_due(state, {}, kNow, kBoot));
  face_matched(state);
  EXPECT_EQ(state.strong_auth_at, kNow) << "a face does not make it younger";
}

}  // namespace
}  // namespace faceauth
