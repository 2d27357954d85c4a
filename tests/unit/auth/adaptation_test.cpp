#include <faced/auth/adaptation.h>
#include <faced/auth/encoding_math.h>
#include <faced/auth/quality_gate.h>
#include <faced/auth/thresholds.h>

#include <tests/unit/auth/login.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace faceauth {
namespace {

using namespace test;
using std::chrono::hours;

constexpr const char *kDlib = "dlib:1", *kFeature = "feature:1";
constexpr std::size_t kKeep = 2;

MatchThresholds balanced() { return match_thresholds(MatchLevel::balanced); }
MatchThresholds strict() { return match_thresholds(MatchLevel::strict); }

Template template_of(const Encodings& e, bool adapts, UnixTime created = {}) {
  Template t;
  t.info.source = adapts ? kAdapted : "photo";
  t.info.dlib_model = kDlib;
  t.info.feature_model = kFeature;
  t.info.created = created;
  *t.encodings = e;
  return t;
}

// A user, and what a keeper with match.adapt does at his logins by face and password.
class Adapting {
 public:
  explicit Adapting(const Encodings& enrolled) { templates.push_back(template_of(enrolled, false)); }

  // One login with a right password; whether the face was admitted.
  bool login(Sight sight) {
    VerifierPolicy policy = live_policy();
    policy.thresholds = balanced();
    auto references = references_of(templates, kDlib, kFeature, true);
    Attempt attempt(policy, std::move(*references));
    std::optional<Verdict> verdict;
    for (int i = 0; i < 3; ++i) {
      sight.fingerprint = ++pictures;
      verdict = attempt.observe(sight, steady += std::chrono::seconds(1));
    }
    if (verdict != Verdict::match) return false;
    const auto candidate = attempt.take_candidate();
    if (candidate && may_join(strict(), templates, kDlib, kFeature, **candidate, now)) join(**candidate);
    return true;
  }
  [[nodiscard]] std::vector<const Encodings*> adapted() const {
    std::vector<const Encodings*> out;
    for (const Template& t : templates)
      if (is_adapted(t.info)) out.push_back(&*t.encodings);
    return out;
  }

  std::vector<Template> templates;
  UnixTime now{hours(1000)};

 private:
  void join(const Encodings& e) {
    if (adapted().size() >= kKeep)
      templates.erase(std::ranges::find_if(templates, [](const Template& t) { return is_adapted(t.info); }));
    templates.push_back(template_of(e, true, now));
  }
  Steady steady{};
  std::uint64_t pictures = 1;
};

float from_core(const Encodings& e) { return encoding_math::feature_distance(e, ann()); }

TEST(Adaptation, AStrongLiveLoginJoinsAndAWeakOneDoesNot) {
  Adapting user(ann());
  EXPECT_TRUE(user.login(live(away(ann(), strict().feature + 0.01F, 0.3F), 0.99F))) << "good enough to log in";
  EXPECT_EQ(user.adapted().size(), 0U);
  EXPECT_TRUE(user.login(live(away(ann(), strict().feature - 0.01F, 0.3F), 0.99F)));
  EXPECT_EQ(user.adapted().size(), 1U);
}

TEST(Adaptation, FramesThatWouldNotDoForEnrolmentDoNotJoin) {
  Adapting user(ann());
  Sight turned = live(away(ann(), 0.5F, 0.3F), 0.99F);
  turned.quality.yaw_deg = thresholds::kEnrolment.yaw_deg + 1;
  ASSERT_EQ(gate_for_login(turned), FaceIssue::none);
  EXPECT_TRUE(user.login(turned));
  EXPECT_EQ(user.adapted().size(), 0U);
}

TEST(Adaptation, AFrameThatIsNotLiveKeepsTheWholeLoginOut) {
  for (const bool live_all : {false, true}) {
    Login login(live_policy());
    const Encodings face = away(ann(), 0.5F, 0.3F);
    login.see(live(face, 0.99F), 2);
    EXPECT_EQ(login.see(live(face, live_all ? 0.99F : 0.1F)), Verdict::match);
    EXPECT_EQ(login.attempt.take_candidate().has_value(), live_all);
  }
  Login unjudged(still_policy());
  EXPECT_EQ(unjudged.see(genuine(), 3), Verdict::match);
  EXPECT_FALSE(unjudged.attempt.take_candidate()) << "liveness is off";
}

TEST(Adaptation, OneADayAndAClockSetBackALittleIsNoDay) {
  Adapting user(ann());
  const Sight sight = live(away(ann(), 0.6F, 0.3F), 0.99F);
  user.login(sight);
  user.now += hours(23);
  user.login(sight);
  EXPECT_EQ(user.adapted().size(), 1U);
  user.now -= hours(46);
  user.login(sight);
  EXPECT_EQ(user.adapted().size(), 1U);
  user.now += hours(47);
  user.login(sight);
  EXPECT_EQ(user.adapted().size(), 2U);
}

// One login under a clock that is years ahead must not end adaptation for years.
TEST(Adaptation, ATemplateOfAWrongClockHoldsNothingUp) {
  Adapting user(ann());
  const Sight sight = live(away(ann(), 0.6F, 0.3F), 0.99F);
  user.now += hours(24 * 3650);
  user.login(sight);
  ASSERT_EQ(user.adapted().size(), 1U);
  user.now -= hours(24 * 3650);
  user.login(sight);
  EXPECT_EQ(user.adapted().size(), 2U);
  const auto second = user.templates.back().info.created;
  EXPECT_EQ(second, user.now);
  user.now += hours(23);
  user.login(sight);
  EXPECT_EQ(user.templates.back().info.created, second) << "by the right clock it is one a day again";
}

TEST(Adaptation, AnotherEncodersTemplatesAreNoCore) {
  std::vector<Template> templates;
  templates.push_back(template_of(ann(), true));
  EXPECT_FALSE(references_of(templates, kDlib, kFeature, true)) << "adapted ones alone admit nobody";
  EXPECT_FALSE(may_join(strict(), templates, kDlib, kFeature, ann(), UnixTime{hours(9999)}));
  templates.push_back(template_of(ann(), false));
  EXPECT_TRUE(references_of(templates, kDlib, kFeature, true)->widened);
  EXPECT_FALSE(references_of(templates, kDlib, kFeature, false)->widened) << "switched off";
  EXPECT_FALSE(references_of(templates, kDlib, "feature:2", true));
}

// What it is for: a look that changed is known again, as far as the core's bound goes and no farther.
TEST(Adaptation, WhoChangedIsAdmittedABitBeyondTheLevelAndNoFarther) {
  const float level = balanced().feature, bound = core_bound(balanced()).feature;
  const auto changed = [](float distance) { return live(away(ann(), distance, 0.3F, 7), 0.99F); };
  Adapting user(ann());
  EXPECT_FALSE(user.login(changed(level + 0.01F)));
  ASSERT_TRUE(user.login(changed(strict().feature - 0.05F)));
  ASSERT_EQ(user.adapted().size(), 1U);
  EXPECT_TRUE(user.login(changed(level + 0.01F)));
  EXPECT_FALSE(user.login(changed(bound + 0.01F)));
}

struct Step {
  unsigned distance_mm = 0;  // thousandths of a feature distance from the core
  unsigned seed = 0;
  unsigned pause_h = 0;
};

RC_GTEST_PROP(Adaptation, NoImpostorWithTheRightPasswordEverJoins, ()) {
  Adapting user(ann());
  const auto steps = *rc::gen::container<std::vector<Step>>(
      rc::gen::construct<Step>(rc::gen::inRange(1000U, 1400U), rc::gen::inRange(3U, 9U), rc::gen::inRange(0U, 60U)));
  for (const Step& step : steps) {
    user.now += hours(step.pause_h);
    RC_ASSERT(!user.login(live(away(ann(), static_cast<float>(step.distance_mm) / 1000, 0.3F, step.seed), 0.99F)));
    RC_ASSERT(user.adapted().empty());
  }
}

// Whatever comes, by whomever: the templates stay within strict of the core, and who is admitted within its bound.
RC_GTEST_PROP(Adaptation, NothingEverMovesAwayFromTheCore, ()) {
  Adapting user(ann());
  const auto steps = *rc::gen::container<std::vector<Step>>(
      rc::gen::construct<Step>(rc::gen::inRange(300U, 1200U), rc::gen::inRange(3U, 6U), rc::gen::inRange(0U, 60U)));
  const float bound = core_bound(balanced()).feature + 1e-4F;
  for (const Step& step : steps) {
    user.now += hours(step.pause_h);
    // From the last that joined, as somebody would who wants to walk away from the core step by step.
    const auto before = user.adapted();
    const Encodings from = before.empty() ? ann() : *before.back();
    const Encodings probe = away(from, static_cast<float>(step.distance_mm) / 1000, 0.3F, step.seed);
    const bool admitted = user.login(live(probe, 0.99F));
    RC_ASSERT(!admitted || from_core(probe) <= bound);
    RC_ASSERT(user.adapted().size() <= kKeep);
    for (const Encodings* e : user.adapted()) RC_ASSERT(from_core(*e) <= strict().feature + 1e-4F);
  }
}

}  // namespace
}  // namespace faceauth
