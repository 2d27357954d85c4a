// The liveness of an attempt's frames, and of its groups.
#include <faced/auth/thresholds.h>
#include <faced/auth/verifier.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/login.h>

#include <limits>
#include <vector>

namespace faceauth {
namespace {

using namespace test;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Liveness, MoreThanHalfOfTheGroupMustBeLive) {
  const struct {
    std::vector<float> scores;
    Verdict verdict;
  } table[] = {{{0.9F, 0.9F, 0.9F}, Verdict::match},    {{0.1F, 0.9F, 0.6F}, Verdict::match},
               {{0.6F, 0.6F, 0.6F}, Verdict::match},    {{0.59F, 0.59F, 1.0F}, Verdict::not_live},
               {{0.0F, 0.0F, 1.0F}, Verdict::not_live}, {{0.1F, 0.2F, 0.3F}, Verdict::not_live}};
  for (const auto& row : table) {
    Login login(live_policy());
    for (const float score : row.scores) login.see(live(genuine().encodings, score));
    EXPECT_TRUE(login.attempt.score()->liveness_measured);
    EXPECT_EQ(login.attempt.conclude(), row.verdict) << row.scores[0] << " " << row.scores[1];
  }
}

TEST(Liveness, OfAnEvenGroupTheLowerMiddleCounts) {
  VerifierPolicy policy = live_policy();
  policy.frames = 2;
  Login login(policy);
  login.see(live(ann(), 0.9F));
  login.see(live(ann(), 0.2F));
  EXPECT_EQ(login.attempt.conclude(), Verdict::not_live);
  EXPECT_FLOAT_EQ(login.attempt.score()->liveness, 0.2F);
}

TEST(Liveness, WithoutAMeasuredScoreAFrameDoesNotCount) {
  Login login(live_policy());
  EXPECT_EQ(login.see(genuine(), 50), std::nullopt);
  Sight odd = live(ann(), kNan);
  EXPECT_EQ(login.see(odd, 5), std::nullopt);
  odd.liveness = 7;
  EXPECT_EQ(login.see(odd, 5), std::nullopt);
  EXPECT_FALSE(login.attempt.judged());
  EXPECT_EQ(login.attempt.conclude(), Verdict::timeout);
  EXPECT_EQ(login.see(live(ann(), 0.9F), 3), Verdict::match);
}

// The median forgives one frame; the mean of all three is near enough, and no single frame is beyond its bound.
TEST(Liveness, APhotoAmongLiveFramesLendsNobodyItsFace) {
  const Encodings somebody = away(ann(), 1.2F, 0.5F);
  for (const int photo : {0, 1, 2}) {
    Login login(live_policy());
    for (int frame = 0; frame < 9; ++frame) login.see(frame % 3 == photo ? live(ann(), 0.0F) : live(somebody, 0.9F));
    EXPECT_EQ(login.attempt.conclude(), Verdict::no_match) << photo;
    EXPECT_NEAR(login.attempt.score()->feature, 1.2F, 0.01F) << photo;
  }
}

TEST(Liveness, CountsAsATryAndTheLastReasonIsTold) {
  Login print(live_policy());
  EXPECT_EQ(print.see(live(ann(), 0.1F), 9), Verdict::not_live);
  Login mixed(live_policy());
  mixed.see(live(ann(), 0.1F), 6);
  EXPECT_EQ(mixed.see(live(person(2), 0.9F), 3), Verdict::no_match);
  Login recovers(live_policy());
  recovers.see(live(ann(), 0.1F), 3);
  EXPECT_EQ(recovers.see(live(ann(), 0.9F), 3), Verdict::match);
}

TEST(Liveness, AStrangerIsNoMatchLiveOrNot) {
  for (const float score : {0.0F, 1.0F}) {
    Login login(live_policy());
    EXPECT_EQ(login.see(live(person(2), score), 9), Verdict::no_match);
  }
}

TEST(Liveness, SwitchedOffItIsReportedButDecidesNothing) {
  Login login(still_policy());
  EXPECT_EQ(login.see(live(ann(), 0.0F), 3), Verdict::match);
  EXPECT_TRUE(login.attempt.score()->liveness_measured);
  Login without(still_policy());
  without.see(genuine(), 3);
  EXPECT_FALSE(without.attempt.score()->liveness_measured);
}

TEST(FrameIsLive, AsksForAMeasuredScoreOnlyWhenLivenessIsOn) {
  Sight unmeasured, spoofed, live;
  unmeasured.liveness = unmeasured.liveness_near = 0.9F;
  for (Sight* sight : {&unmeasured, &spoofed, &live}) sight->surroundings = 1;
  spoofed.liveness_measured = live.liveness_measured = true;
  spoofed.liveness = spoofed.liveness_near = 0.49F, live.liveness = live.liveness_near = 0.5F;
  const VerifierPolicy on{.liveness_min = 0.5F}, off{.liveness = false};
  for (const Sight* sight : {&unmeasured, &spoofed}) EXPECT_FALSE(frame_is_live(on, *sight));
  EXPECT_TRUE(frame_is_live(on, live));
  EXPECT_TRUE(frame_is_live(off, spoofed));
}

TEST(FrameIsLive, BothCropsCountAndTightOnesMustBeSure) {
  const VerifierPolicy policy = verifier_policy(Config{});
  const struct {
    float wide, near, surroundings;
    bool live;
  } table[] = {{0.7F, 0.7F, 1, true},   {0.3F, 0.95F, 1, true},   {0.95F, 0.3F, 1, true},    {0.5F, 0.6F, 1, false},
               {0.0F, 1.0F, 1, false},  {0.7F, 0.7F, 0.5F, true}, {0.7F, 0.7F, 0.4F, false}, {0.95F, 0.95F, 0.4F, true},
               {0.95F, 0.95F, 0, true}, {kNan, 0.9F, 1, false},   {0.9F, kNan, 1, false},    {0.7F, 0.7F, kNan, false}};
  for (const auto& row : table) {
    Sight sight;
    sight.liveness_measured = true;
    sight.liveness = row.wide, sight.liveness_near = row.near, sight.surroundings = row.surroundings;
    EXPECT_EQ(frame_is_live(policy, sight), row.live) << row.wide << " " << row.near << " " << row.surroundings;
  }
}

TEST(PlayedBack, FramesThatComeAgainEndTheAttempt) {
  const auto numbered = [](std::uint64_t number) {
    Sight sight = live(ann(), 0.9F);
    sight.fingerprint = number;
    return sight;
  };
  Login loop(live_policy());
  EXPECT_EQ(loop.see(numbered(11)), std::nullopt);
  EXPECT_EQ(loop.see(numbered(12)), std::nullopt);
  EXPECT_EQ(loop.see(numbered(11)), Verdict::not_live);
  EXPECT_TRUE(loop.attempt.judged()) << "it costs what a refusal costs";
  EXPECT_EQ(loop.see(numbered(13), 9), Verdict::not_live) << "later frames change nothing";

  Login off(still_policy());
  EXPECT_EQ(off.see(numbered(11), 3), Verdict::match) << "without liveness a photo may stand in";

  Login camera(live_policy());
  EXPECT_EQ(camera.see(numbered(11), 2), std::nullopt);
  EXPECT_EQ(camera.see(numbered(12), 2), std::nullopt);
  EXPECT_EQ(camera.see(numbered(13)), Verdict::match) << "frames given twice are no recording";
}

// A still that is held before the keeper and a driver that hands out one buffer for ever look alike.
TEST(PlayedBack, AFrozenCameraJudgesNobodyAndNeverMatches) {
  Sight still = live(ann(), 0.9F);
  still.fingerprint = 11;
  Login frozen(live_policy());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(frozen.see(still), std::nullopt) << "one frame, however often";
  EXPECT_EQ(frozen.see(still), Verdict::camera_unavailable);
  EXPECT_FALSE(frozen.attempt.judged()) << "nothing was compared, so nothing is counted";
  EXPECT_FALSE(frozen.attempt.score()) << "nor told";
  EXPECT_EQ(frozen.see(live(ann(), 0.9F), 9), Verdict::camera_unavailable) << "later frames change nothing";

  Login almost(live_policy());
  EXPECT_EQ(almost.see(live(ann(), 0.9F)), std::nullopt);
  EXPECT_EQ(almost.see(still, 6), Verdict::camera_unavailable) << "a frame and a still are no group of three";

  Login refused(live_policy());
  EXPECT_EQ(refused.see(live(person(2), 0.9F), 3), std::nullopt);
  EXPECT_EQ(refused.see(still, 9), Verdict::no_match) << "what was judged stays the answer";
  EXPECT_TRUE(refused.attempt.judged());
}

}  // namespace
}  // namespace faceauth
