// An administrator's encoder decides by its own thresholds, in everything that decides.
#include <faced/auth/decision.h>
#include <faced/auth/identifier.h>
#include <faced/auth/thresholds.h>

#include <gtest/gtest.h>

#include "people.h"

namespace faceauth {
namespace {

constexpr EncoderCalibration kOwn{.convenient = 0.8F,
                                  .balanced = 0.7F,
                                  .strict = 0.6F,
                                  .per_decade = 0.2F,
                                  .single_frame = 0.9F,
                                  .identify_margin = 0.3F};

Config config_with(MatchLevel level) {
  Config config;
  config.level = level;
  config.encoder.calibration = kOwn;
  return config;
}

TEST(EncoderThresholds, OfEachLevelAreTheEncodersOwn) {
  EXPECT_FLOAT_EQ(match_thresholds(config_with(MatchLevel::convenient)).feature, 0.8F);
  EXPECT_FLOAT_EQ(match_thresholds(config_with(MatchLevel::balanced)).feature, 0.7F);
  EXPECT_FLOAT_EQ(match_thresholds(config_with(MatchLevel::strict)).feature, 0.6F);
  EXPECT_FLOAT_EQ(match_thresholds(config_with(MatchLevel::strict)).dlib, thresholds::kDlib) << "dlib is the same";
  EXPECT_FLOAT_EQ(match_thresholds(Config{}).feature, thresholds::kFeatureBalanced);
}

TEST(EncoderThresholds, HoldForMeansAndForSingleFrames) {
  const MatchThresholds own = match_thresholds(config_with(MatchLevel::balanced));
  EXPECT_TRUE(accepts(own, {0.7F, 0.1F, 0.9F}));
  EXPECT_FALSE(accepts(own, {0.71F, 0.1F, 0.9F}));
  EXPECT_FALSE(accepts(own, {0.7F, 0.1F, 0.91F}));
}

TEST(EncoderThresholds, TightenWithTheGalleryAsTheEncoderSays) {
  const MatchThresholds own = match_thresholds(config_with(MatchLevel::balanced));
  const Encodings probe = test::person(1);
  const auto answer = [&](std::size_t users, float nearest, float next) {
    Identifier identifier(own, users, probe);
    identifier.compare("ann", test::away(probe, nearest, 0.1F, 2));
    identifier.compare("bob", test::away(probe, next, 0.1F, 3));
    return identifier.answer().user;
  };
  EXPECT_EQ(answer(10, 0.48F, 1.2F), "ann") << "0.7 less a decade's 0.2";
  EXPECT_FALSE(answer(10, 0.52F, 1.2F));
  EXPECT_EQ(answer(2, 0.4F, 0.75F), "ann");
  EXPECT_FALSE(answer(2, 0.4F, 0.65F)) << "nearer than the margin";
}

// What an encoder of fewer numbers leaves zero changes no distance.
TEST(EncoderThresholds, FewerDimensionsMeasureTheSame) {
  Encodings a = test::person(1), b = test::person(2);
  for (std::size_t i = 128; i < kFeatureDims; ++i) a.feature[i] = b.feature[i] = 0;
  EXPECT_TRUE(same_person(match_thresholds(MatchLevel::strict, kOwn), a, a));
  EXPECT_FALSE(same_person(match_thresholds(MatchLevel::convenient, kOwn), a, b));
}

}  // namespace
}  // namespace faceauth
