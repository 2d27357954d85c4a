#include <faced/auth/decision.h>
#include <faced/auth/thresholds.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/people.h>

#include <array>
#include <limits>

namespace faceauth {
namespace {

using test::away;
using test::person;

constexpr MatchThresholds kBounds{0.98F, 0.60F};
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Decision, NeedsBothRecognisersAndEveryFrame) {
  EXPECT_TRUE(accepts(kBounds, {0.98F, 0.60F, thresholds::kFeatureSingleFrame}));
  EXPECT_FALSE(accepts(kBounds, {0.981F, 0.1F, 0.98F}));
  EXPECT_FALSE(accepts(kBounds, {0.1F, 0.601F, 0.1F})) << "dlib can refuse";
  EXPECT_FALSE(accepts(kBounds, {0.1F, 0.1F, thresholds::kFeatureSingleFrame + 0.001F})) << "so can one frame";
}

TEST(Decision, WhatIsNotANumberOrWasNotMeasuredRefuses) {
  EXPECT_FALSE(accepts(kBounds, {}));
  EXPECT_FALSE(accepts(kBounds, {kNan, 0.1F, 0.1F}));
  EXPECT_FALSE(accepts(kBounds, {0.1F, kNan, 0.1F}));
  EXPECT_FALSE(accepts(kBounds, {0.1F, 0.1F, kNan}));
  EXPECT_FALSE(accepts({kNan, 0.6F}, {0.1F, 0.1F, 0.1F}));
}

TEST(Decision, ComparesTheMeanAndRemembersTheWorstFrame) {
  const Encodings ann = person(1), near = away(ann, 0.5F, 0.3F), far = away(ann, 1.25F, 0.5F);
  const std::array frames = {&near, &far};
  const float farthest = farthest_of(frames, ann);
  EXPECT_NEAR(farthest, 1.25, 1e-3);
  const Comparison comparison = compare(near, farthest, ann);
  EXPECT_NEAR(comparison.feature, 0.5, 1e-3);
  EXPECT_NEAR(comparison.dlib, 0.3, 1e-3);
  EXPECT_EQ(comparison.farthest, farthest);
}

TEST(Decision, OneImageIsItsOwnWorstFrame) {
  const Encodings ann = person(1);
  EXPECT_TRUE(same_person({1.39F, 2}, ann, away(ann, 1.27F, 0.3F)));
  EXPECT_FALSE(same_person({1.39F, 2}, ann, away(ann, 1.29F, 0.3F))) << "no threshold is above the frame's bound";
}

TEST(Thresholds, TightenWithTheLevelAndDlibStaysLenient) {
  const auto convenient = match_thresholds(MatchLevel::convenient), balanced = match_thresholds(MatchLevel::balanced),
             strict = match_thresholds(MatchLevel::strict);
  EXPECT_GT(convenient.feature, balanced.feature);
  EXPECT_GT(balanced.feature, strict.feature);
  EXPECT_GT(strict.feature, 0);
  for (const auto& t : {convenient, balanced, strict}) EXPECT_FLOAT_EQ(t.dlib, thresholds::kDlib);
}

}  // namespace
}  // namespace faceauth
