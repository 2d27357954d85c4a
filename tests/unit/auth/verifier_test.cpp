#include <faced/auth/thresholds.h>
#include <faced/auth/verifier.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/login.h>

#include <initializer_list>
#include <limits>
#include <vector>

namespace faceauth {
namespace {

using std::chrono::milliseconds;
using namespace test;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Attempt, MatchesAfterOneGroupAndNotBefore) {
  Login login(still_policy());
  EXPECT_EQ(login.see(genuine()), std::nullopt);
  EXPECT_EQ(login.see(genuine()), std::nullopt);
  EXPECT_FALSE(login.attempt.judged());
  EXPECT_EQ(login.see(genuine()), Verdict::match);
  EXPECT_TRUE(login.attempt.judged());
  EXPECT_EQ(login.attempt.conclude(), Verdict::match);
  EXPECT_NEAR(login.attempt.score()->feature, 0.7, 1e-3);
  EXPECT_NEAR(login.attempt.score()->dlib, 0.4, 1e-3);
  EXPECT_EQ(login.attempt.frames(), 3U);
}

TEST(Attempt, AStrangerIsRefusedAfterThreeGroups) {
  Login login(still_policy());
  EXPECT_EQ(login.see(stranger(), 8), std::nullopt);
  EXPECT_TRUE(login.attempt.judged());
  EXPECT_EQ(login.attempt.conclude(), Verdict::no_match) << "if the camera ends here";
  EXPECT_EQ(login.see(stranger()), Verdict::no_match);
  EXPECT_EQ(login.see(genuine(), 9), Verdict::no_match) << "later frames change nothing";
  EXPECT_EQ(login.attempt.frames(), 9U);
}

TEST(Attempt, AMatchStands) {
  Login login(still_policy());
  login.see(genuine(), 3);
  EXPECT_EQ(login.see(stranger(), 9), Verdict::match);
}

TEST(Attempt, AMatchThatCameTooEarlyIsHadAnew) {
  Login login(still_policy());
  const Steady zero = login.now;
  ASSERT_EQ(login.see(genuine(), 3), Verdict::match);
  EXPECT_EQ(login.attempt.began() - zero, std::chrono::seconds(1));
  EXPECT_EQ(login.attempt.ended() - zero, std::chrono::seconds(3));
  login.attempt.look_again();
  EXPECT_FALSE(login.attempt.judged());
  EXPECT_EQ(login.see(genuine(), 2), std::nullopt) << "of frames from now on";
  EXPECT_EQ(login.see(genuine()), Verdict::match);
  EXPECT_EQ(login.attempt.began() - zero, std::chrono::seconds(4));
  login.attempt.look_again();
  EXPECT_EQ(login.see(stranger(), 8), std::nullopt);
  EXPECT_EQ(login.see(stranger()), Verdict::no_match) << "tries as at first";
  login.attempt.look_again();
  EXPECT_EQ(login.see(genuine(), 3), Verdict::no_match) << "a refusal stands";
}

TEST(Attempt, ALaterGroupMayMatch) {
  Login login(still_policy());
  EXPECT_EQ(login.see(stranger(), 3), std::nullopt);
  EXPECT_EQ(login.see(genuine(), 3), Verdict::match);
}

TEST(Attempt, GroupsDoNotOverlap) {
  Login login(still_policy());
  login.see(stranger());
  EXPECT_EQ(login.see(genuine(), 2), std::nullopt);
  EXPECT_TRUE(login.attempt.judged());
  EXPECT_EQ(login.see(genuine(), 2), std::nullopt) << "three genuine in a row, but of two groups";
  EXPECT_EQ(login.see(genuine()), Verdict::match);
}

TEST(Attempt, BothRecognisersMustAgreeAtTheirThresholds) {
  const struct {
    float feature, dlib;
    bool match;
  } table[] = {{0.96F, 0.59F, true},  {0.98F, 0.59F, false}, {0.96F, 0.61F, false},
               {0.10F, 0.70F, false}, {1.10F, 0.01F, false}, {0.01F, 0.01F, true}};
  for (const auto& row : table) {
    Login login(still_policy());
    EXPECT_EQ(login.see(sight_of(away(ann(), row.feature, row.dlib)), 3) == Verdict::match, row.match)
        << row.feature << " " << row.dlib;
  }
}

TEST(Attempt, TheMeanOfAGroupDecides) {
  // Each frame alone is beyond the threshold, in directions of its own; their mean is not.
  Login login(still_policy());
  for (const unsigned direction : {7U, 8U}) login.see(sight_of(away(ann(), 1.05F, 0.65F, direction)));
  EXPECT_EQ(login.see(sight_of(away(ann(), 1.05F, 0.65F, 9))), Verdict::match);
}

TEST(Attempt, AFrameOfSomebodyElseSpoilsItsGroup) {
  const Encodings attacker = away(ann(), 1.30F, 0.70F);
  Login login(still_policy());
  login.see(sight_of(attacker));
  login.see(sight_of(ann()), 2);
  ASSERT_TRUE(login.attempt.judged());
  EXPECT_LT(login.attempt.score()->feature, 0.97F) << "the mean alone would have passed";
  EXPECT_LT(login.attempt.score()->dlib, 0.60F);
  EXPECT_EQ(login.attempt.conclude(), Verdict::no_match);
}

TEST(Attempt, FramesBelowTheGateDoNotCount) {
  Login login(still_policy());
  Sight blurred = genuine();
  blurred.quality.sharpness = 1;
  login.see(genuine(), 2);
  EXPECT_EQ(login.see(blurred, 5), std::nullopt);
  EXPECT_EQ(login.attempt.last_issue(), FaceIssue::blurred);
  EXPECT_FALSE(login.attempt.judged());
  EXPECT_EQ(login.see(genuine()), Verdict::match);
  EXPECT_EQ(login.attempt.last_issue(), FaceIssue::none);
}

TEST(Attempt, FramesTooCloseInTimeDoNotCount) {
  Attempt attempt(still_policy(), secret(ann()));
  Steady t{};
  EXPECT_EQ(attempt.observe(genuine(), t), std::nullopt);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(attempt.observe(genuine(), t += milliseconds(5)), std::nullopt);
  EXPECT_EQ(attempt.observe(genuine(), t += milliseconds(10)), std::nullopt);   // 60 ms: the second
  EXPECT_EQ(attempt.observe(genuine(), t - milliseconds(1000)), std::nullopt);  // out of order
  EXPECT_EQ(attempt.observe(genuine(), t + milliseconds(59)), std::nullopt);
  EXPECT_EQ(attempt.observe(genuine(), t + milliseconds(60)), Verdict::match);
}

TEST(Attempt, TriesLieApartInTime) {
  Attempt attempt(still_policy(), secret(ann()));
  Steady t{};
  for (int i = 0; i < 3; ++i) attempt.observe(stranger(), t += milliseconds(60));
  ASSERT_TRUE(attempt.judged());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(attempt.observe(genuine(), t += milliseconds(60)), std::nullopt);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(attempt.observe(genuine(), t += milliseconds(60)), std::nullopt);
  EXPECT_EQ(attempt.observe(genuine(), t += milliseconds(60)), Verdict::match);
}

TEST(Attempt, PhotosNeedNoTime) {
  VerifierPolicy policy = still_policy();
  policy.spacing = milliseconds(0);
  policy.frames = 1;
  policy.tries = 2;
  Attempt attempt(policy, secret(ann()));
  EXPECT_EQ(attempt.observe(stranger(), Steady{}), std::nullopt);
  EXPECT_EQ(attempt.observe(genuine(), Steady{}), Verdict::match);
}

TEST(Broken, EncodingsNeverMatch) {
  Encodings nan = ann(), infinite = ann(), no_feature = ann(), no_dlib = ann();
  nan.feature[100] = kNan;
  infinite.dlib[5] = std::numeric_limits<float>::infinity();
  no_feature.feature.fill(0);
  no_dlib.dlib.fill(0);
  for (const Encodings& e : {nan, infinite, no_feature, no_dlib, Encodings{}}) {
    Login login(still_policy());
    EXPECT_EQ(login.see(sight_of(e), 30), std::nullopt);
    EXPECT_FALSE(login.attempt.judged());
    EXPECT_EQ(login.attempt.conclude(), Verdict::timeout);
  }
}

TEST(Broken, UnencodedFramesDoNotCount) {
  Sight unencoded = genuine();
  unencoded.encoded = false;
  Login login(still_policy());
  EXPECT_EQ(login.see(unencoded, 30), std::nullopt);
  EXPECT_FALSE(login.attempt.judged());
}

TEST(Broken, AGroupWithoutAMeanIsRefused) {
  VerifierPolicy policy = still_policy();
  policy.frames = 2;
  Encodings opposite = ann();
  for (float& v : opposite.feature) v = -v;
  Login login(policy);
  login.see(sight_of(ann()));
  login.see(sight_of(opposite));
  ASSERT_TRUE(login.attempt.judged());
  EXPECT_EQ(login.attempt.conclude(), Verdict::no_match);
}

TEST(Broken, AReferenceOfNothingMatchesNobody) {
  for (const Encodings& reference : {Encodings{}, [] {
                                       Encodings e = person(1);
                                       e.feature[0] = kNan;
                                       return e;
                                     }()}) {
    Attempt attempt(still_policy(), secret(reference));
    for (int i = 0; i < 9; ++i) attempt.observe(sight_of(reference), Steady(std::chrono::seconds(i)));
    for (int i = 0; i < 9; ++i) attempt.observe(genuine(), Steady(std::chrono::seconds(10 + i)));
    EXPECT_EQ(attempt.conclude(), Verdict::no_match);
  }
  Secret<Encodings> moved = secret(ann());
  const Secret<Encodings> owner = std::move(moved);
  Attempt attempt(still_policy(), std::move(moved));
  for (int i = 0; i < 9; ++i) attempt.observe(genuine(), Steady(std::chrono::seconds(i)));
  EXPECT_EQ(attempt.conclude(), Verdict::no_match);
}

TEST(Broken, APolicyOfZerosStillNeedsAFrame) {
  VerifierPolicy policy = still_policy();
  policy.frames = policy.tries = 0;
  Login login(policy);
  EXPECT_EQ(login.attempt.conclude(), Verdict::timeout);
  EXPECT_EQ(login.see(stranger()), Verdict::no_match);
}

TEST(Conclude, GivesTheBestReasonKnown) {
  const Sight empty = nothing(FaceIssue::no_face), crowd = nothing(FaceIssue::several_faces),
              dark = nothing(FaceIssue::too_dark), far = nothing(FaceIssue::too_small);
  const struct {
    const char* what;
    std::vector<std::pair<Sight, int>> frames;
    Verdict verdict;
  } table[] = {
      {"no frame came", {}, Verdict::timeout},
      {"an empty room", {{empty, 50}}, Verdict::no_face},
      {"somebody passed by", {{empty, 50}, {genuine(), 1}}, Verdict::no_face},
      {"too late", {{empty, 1}, {genuine(), 2}}, Verdict::timeout},
      {"good, but too few", {{genuine(), 2}}, Verdict::timeout},
      {"dark", {{dark, 20}}, Verdict::poor_quality},
      {"far and dark", {{far, 5}, {dark, 5}, {empty, 3}}, Verdict::poor_quality},
      {"two people", {{crowd, 20}}, Verdict::multiple_faces},
      {"mostly two people", {{crowd, 20}, {dark, 5}, {empty, 9}}, Verdict::multiple_faces},
      {"mostly dark", {{crowd, 5}, {dark, 20}}, Verdict::poor_quality},
      {"one bad frame among good", {{genuine(), 2}, {dark, 1}}, Verdict::timeout},
      {"judged once, then gone", {{stranger(), 3}, {empty, 50}}, Verdict::no_match},
      {"judged once, then dark", {{stranger(), 3}, {dark, 50}}, Verdict::no_match},
  };
  for (const auto& row : table) {
    Login login(still_policy());
    for (const auto& [sight, times] : row.frames) login.see(sight, times);
    EXPECT_EQ(login.attempt.conclude(), row.verdict) << row.what;
  }
}

TEST(Policy, FollowsTheConfiguration) {
  Config config;
  EXPECT_TRUE(verifier_policy(config).liveness);
  EXPECT_FLOAT_EQ(verifier_policy(config).thresholds.feature, thresholds::kFeatureBalanced);
  config.liveness = LivenessMode::off;
  config.level = MatchLevel::strict;
  EXPECT_FALSE(verifier_policy(config).liveness);
  EXPECT_FLOAT_EQ(verifier_policy(config).thresholds.feature, thresholds::kFeatureStrict);
  config.liveness = LivenessMode::active;
  EXPECT_TRUE(verifier_policy(config).liveness);
}

TEST(Policy, FramesThatComeOnDemandNeedNoTimeBetweenThem) {
  Config config;
  config.camera.device = "replay:/a.mp4";
  config.camera.replay_fps = 0;
  config.liveness = LivenessMode::off;
  EXPECT_EQ(login_policy(config, 0, Modality::color).spacing.count(), 0);
  // Everything else keeps it: who must be live, a replay with a beat, a camera, and the other camera of two.
  const std::chrono::milliseconds usual = VerifierPolicy().spacing;
  ASSERT_GT(usual.count(), 0);
  config.infrared = CameraPolicy{};
  EXPECT_EQ(login_policy(config, 1, Modality::infrared).spacing, usual);
  for (const LivenessMode mode : {LivenessMode::passive, LivenessMode::active}) {
    config.liveness = mode;
    EXPECT_EQ(login_policy(config, 0, Modality::color).spacing, usual);
  }
  config.liveness = LivenessMode::off;
  config.camera.replay_fps = 30;
  EXPECT_EQ(login_policy(config, 0, Modality::color).spacing, usual);
  config.camera.replay_fps = 0;
  for (const char* device : {"auto", "/dev/v4l/by-id/replay:", "/dev/video0"}) {
    config.camera.device = device;
    EXPECT_EQ(login_policy(config, 0, Modality::color).spacing, usual) << device;
  }
}

Template made(const Encodings& e, const char* dlib = "dlib:1", const char* feature = "feature:1") {
  Template t;
  t.info.dlib_model = dlib;
  t.info.feature_model = feature;
  *t.encodings = e;
  return t;
}

TEST(Reference, IsTheMeanOfTemplatesByTheseModels) {
  std::vector<Template> templates;
  templates.push_back(made(away(ann(), 1.05F, 0.65F, 7)));
  templates.push_back(made(away(ann(), 1.05F, 0.65F, 8)));
  templates.push_back(made(away(ann(), 1.05F, 0.65F, 9)));
  templates.push_back(made(person(2), "dlib:0"));
  templates.push_back(made(person(2), "dlib:1", "feature:0"));
  Encodings broken = person(2);
  broken.feature[1] = kNan;
  templates.push_back(made(broken));
  auto reference = reference_of(templates, "dlib:1", "feature:1");
  ASSERT_TRUE(reference.has_value());
  Attempt attempt(still_policy(), std::move(*reference));
  for (int i = 0; i < 3; ++i) attempt.observe(sight_of(ann()), Steady(std::chrono::seconds(i)));
  EXPECT_EQ(attempt.conclude(), Verdict::match);
}

TEST(Reference, IsEmptyWithoutAUsableTemplate) {
  std::vector<Template> templates;
  EXPECT_FALSE(reference_of(templates, "dlib:1", "feature:1").has_value());
  templates.push_back(made(ann()));
  EXPECT_FALSE(reference_of(templates, "dlib:2", "feature:1").has_value());
  EXPECT_FALSE(reference_of(templates, "dlib:1", "feature:2").has_value());
  EXPECT_TRUE(reference_of(templates, "dlib:1", "feature:1").has_value());
  Encodings opposite = ann();
  for (float& v : opposite.feature) v = -v;
  templates.push_back(made(opposite));
  EXPECT_FALSE(reference_of(templates, "dlib:1", "feature:1").has_value());
}

}  // namespace
}  // namespace faceauth
