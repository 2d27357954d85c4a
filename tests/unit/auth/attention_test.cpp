// Looking away and shut eyes: what counts as attention, and what becomes of a login without it.
#include <faced/auth/attention.h>
#include <faced/auth/thresholds.h>

#include <tests/unit/auth/login.h>

#include <gtest/gtest.h>

#include <limits>

namespace faceauth::test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kYaw = thresholds::kAttentionYawDeg, kPitch = thresholds::kAttentionPitchDeg;
constexpr float kOpen = thresholds::kAttentionEyesOpen;

Sight looking(float yaw, float pitch, float eyes) {
  Sight sight = genuine();
  sight.quality.yaw_deg = yaw;
  sight.quality.pitch_deg = pitch;
  sight.eyes_open = eyes;
  sight.liveness_measured = true;
  sight.liveness = sight.liveness_near = 0.95F;
  sight.surroundings = 1;
  return sight;
}

VerifierPolicy attentive() {
  VerifierPolicy policy = live_policy();
  policy.attention = attention_policy(Config{});
  return policy;
}

TEST(Attention, IsAHeadTowardsTheCameraAndOpenEyes) {
  const AttentionPolicy policy = attention_policy(Config{});
  EXPECT_EQ(attention_issue(policy, looking(0, 0, 1)), FaceIssue::none);
  EXPECT_EQ(attention_issue(policy, looking(kYaw, -kPitch, kOpen)), FaceIssue::none);
  for (const float side : {-1.0F, 1.0F}) {
    EXPECT_EQ(attention_issue(policy, looking(side * (kYaw + 1), 0, 1)), FaceIssue::turned_away);
    EXPECT_EQ(attention_issue(policy, looking(0, side * (kPitch + 1), 1)), FaceIssue::turned_away);
  }
  EXPECT_EQ(attention_issue(policy, looking(0, 0, kOpen / 2)), FaceIssue::eyes_shut);
}

TEST(Attention, WhatWasNotMeasuredIsRefused) {
  const AttentionPolicy policy = attention_policy(Config{});
  EXPECT_EQ(attention_issue(policy, looking(kNan, 0, 1)), FaceIssue::turned_away);
  EXPECT_EQ(attention_issue(policy, looking(0, kNan, 1)), FaceIssue::turned_away);
  EXPECT_EQ(attention_issue(policy, looking(0, 0, kNan)), FaceIssue::eyes_shut);
  Sight unmeasured = looking(0, 0, 1);
  unmeasured.liveness_measured = false;
  EXPECT_EQ(attention_issue(policy, unmeasured), FaceIssue::eyes_shut);
}

TEST(Attention, IsAskedForWhereTheConfigurationSays) {
  const Sight away = looking(kYaw + 1, 0, 1), asleep = looking(0, 0, 0);
  Config config;
  EXPECT_EQ(attention_issue(attention_policy(config, Modality::infrared), away), FaceIssue::turned_away);
  EXPECT_EQ(attention_issue(attention_policy(config, Modality::infrared), asleep), FaceIssue::none)
      << "the network for eyes was not measured on infrared pictures";
  config.attention = false;
  EXPECT_EQ(attention_issue(attention_policy(config), away), FaceIssue::none);
  EXPECT_EQ(attention_issue(attention_policy(config), asleep), FaceIssue::none);
  config.attention = true;
  config.liveness = LivenessMode::off;
  EXPECT_EQ(attention_issue(attention_policy(config), asleep), FaceIssue::none);
}

TEST(Attention, FramesWithoutItAreNeitherAMatchNorATry) {
  for (const Sight& sight : {looking(kYaw + 1, 0, 1), looking(0, 0, 0)}) {
    Login login(attentive());
    EXPECT_EQ(login.see(sight, 20), std::nullopt);
    EXPECT_FALSE(login.attempt.judged());
    EXPECT_EQ(login.attempt.conclude(), Verdict::poor_quality);
    EXPECT_EQ(login.see(looking(0, 0, 1), 3), Verdict::match) << "and they stand in nobody's way";
  }
}

TEST(Attention, StrangersWithoutItAreNotCountedEither) {
  Sight stranger = looking(0, 0, 0);
  stranger.encodings = person(2);
  Login login(attentive());
  EXPECT_EQ(login.see(stranger, 20), std::nullopt);
  EXPECT_FALSE(login.attempt.judged());
  stranger.eyes_open = 1;
  EXPECT_EQ(login.see(stranger, 20), Verdict::no_match);
}

TEST(Attention, ABlinkCostsItsFramesAlone) {
  Login login(attentive());
  EXPECT_EQ(login.see(looking(0, 0, 1), 2), std::nullopt);
  EXPECT_EQ(login.see(looking(0, 0, 0), 3), std::nullopt);
  EXPECT_EQ(login.attempt.last_issue(), FaceIssue::eyes_shut);
  EXPECT_EQ(login.see(looking(0, 0, 1)), Verdict::match);
}

}  // namespace
}  // namespace faceauth::test
