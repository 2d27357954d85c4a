#include <faced/auth/encoding_math.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/people.h>

#include <limits>

namespace faceauth::encoding_math {
namespace {

using test::away;
using test::person;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Distance, IsWhatItWasMadeToBe) {
  const Encodings ann = person(1);
  EXPECT_NEAR(feature_distance(ann, ann), 0, 1e-3);
  EXPECT_EQ(dlib_distance(ann, ann), 0);
  const Encodings other = away(ann, 0.8F, 0.5F);
  EXPECT_NEAR(feature_distance(ann, other), 0.8, 1e-4);
  EXPECT_NEAR(dlib_distance(ann, other), 0.5, 1e-4);
  EXPECT_NEAR(feature_distance(other, ann), 0.8, 1e-4);
}

TEST(Distance, OfFeaturesIgnoresLengthAndOfDlibDoesNot) {
  const Encodings ann = person(1);
  Encodings longer = ann;
  for (float& v : longer.feature) v *= 3;
  for (float& v : longer.dlib) v *= 3;
  EXPECT_NEAR(feature_distance(ann, longer), 0, 1e-3);
  EXPECT_NEAR(dlib_distance(ann, longer), 2.8, 1e-4);
}

TEST(Distance, OfWhatCannotBeMeasuredIsInfinite) {
  const Encodings ann = person(1), zero{};
  EXPECT_EQ(feature_distance(zero, zero), kInfinity) << "two empty records are not one person";
  EXPECT_EQ(dlib_distance(zero, zero), kInfinity);
  for (const float poison : {kNan, kInfinity, -kInfinity}) {
    Encodings bad = ann;
    bad.feature[511] = poison;
    bad.dlib[0] = poison;
    EXPECT_FALSE(usable(bad));
    EXPECT_EQ(feature_distance(bad, ann), kInfinity);
    EXPECT_EQ(feature_distance(ann, bad), kInfinity);
    EXPECT_EQ(dlib_distance(bad, ann), kInfinity);
    EXPECT_EQ(dlib_distance(bad, bad), kInfinity);
  }
}

TEST(Usable, NeedsBothEncodings) {
  EXPECT_TRUE(usable(person(1)));
  Encodings no_feature = person(1), no_dlib = person(1);
  no_feature.feature.fill(0);
  no_dlib.dlib.fill(0);
  EXPECT_FALSE(usable(no_feature));
  EXPECT_FALSE(usable(no_dlib));
}

TEST(Mean, GivesEachFeatureEqualWeightAndLeavesDlibsLength) {
  const Encodings ann = person(1);
  Encodings loud = away(ann, 1, 1);
  for (float& v : loud.feature) v *= 100;
  Encodings sum{};
  add(sum, ann);
  add(sum, loud);
  ASSERT_TRUE(to_mean(sum, 2));
  EXPECT_NEAR(feature_distance(sum, ann), feature_distance(sum, loud), 1e-4);
  double feature = 0;
  for (const float v : sum.feature) feature += static_cast<double>(v) * static_cast<double>(v);
  EXPECT_NEAR(feature, 1, 1e-5);
  for (std::size_t i = 0; i < kDlibDims; ++i) EXPECT_NEAR(sum.dlib[i], (ann.dlib[i] + loud.dlib[i]) / 2, 1e-6);
}

TEST(Mean, OfNothingOrOfOppositesIsRefusedAsZeros) {
  const Encodings ann = person(1);
  Encodings opposite = ann;
  for (float& v : opposite.feature) v = -v;
  Encodings sum{};
  EXPECT_FALSE(to_mean(sum, 0));
  add(sum, ann);
  add(sum, opposite);
  EXPECT_FALSE(to_mean(sum, 2));
  for (const float v : sum.dlib) EXPECT_EQ(v, 0);
}

}  // namespace
}  // namespace faceauth::encoding_math
