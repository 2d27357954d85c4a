#include <faced/auth/adaptation.h>
#include <faced/auth/incomplete.h>

#include <gtest/gtest.h>

#include <limits>

#include "../../daemon/support/invented_face.h"

namespace faceauth {
namespace {

Template made(std::uint32_t seed, const std::string& source) {
  Template one;
  one.info.source = source;
  one.info.dlib_model = "dlib:1";
  one.info.feature_model = "feature:1";
  one.encodings->dlib = test::invented_dlib(seed);
  one.encodings->feature = test::invented_feature(seed);
  return one;
}

Template waiting(std::uint32_t seed) {
  Template one = made(seed, kFromHowdy);
  one.info.feature_model = kDlibOnly;
  one.encodings->feature.fill(0);
  return one;
}

TEST(Incomplete, CompletedByTheSamePersonBeforeACameraAlone) {
  EXPECT_TRUE(completes(made(1, "camera x"), waiting(1)));
  EXPECT_TRUE(completes(made(1, "ir x"), waiting(1)));
  EXPECT_FALSE(completes(made(2, "camera x"), waiting(1))) << "somebody else";
  EXPECT_FALSE(completes(made(1, "photo"), waiting(1))) << "a photo proves nobody's presence";
  EXPECT_FALSE(completes(waiting(1), waiting(1))) << "two halves make no whole";
  EXPECT_FALSE(completes(made(1, "camera x"), made(1, "camera x"))) << "it is whole already";
  Template other_network = made(1, "camera x");
  other_network.info.dlib_model = "dlib:2";
  EXPECT_FALSE(completes(other_network, waiting(1)));
}

TEST(Incomplete, TheBoundIsTheStrictOne) {
  Template near = made(1, "camera x"), far = made(1, "camera x");
  near.encodings->dlib[0] += kDlibStrict - 0.01F;
  far.encodings->dlib[0] += kDlibStrict + 0.01F;
  EXPECT_TRUE(completes(near, waiting(1)));
  EXPECT_FALSE(completes(far, waiting(1)));
}

TEST(Incomplete, NoReferenceIsEverMadeOfOne) {
  std::vector<Template> alone;
  alone.push_back(waiting(1));
  EXPECT_FALSE(reference_of(alone, "dlib:1", "feature:1"));
  EXPECT_FALSE(reference_of(alone, "dlib:1", kDlibOnly)) << "whatever the encoder calls itself";
  // Not even one with a second encoding slipped in.
  alone[0].encodings->feature = test::invented_feature(1);
  EXPECT_FALSE(reference_of(alone, "dlib:1", kDlibOnly));
  alone.push_back(made(2, "camera x"));
  const auto reference = reference_of(alone, "dlib:1", "feature:1");
  ASSERT_TRUE(reference);
  EXPECT_EQ((*reference)->dlib, test::invented_dlib(2)) << "it has no part in another's mean";
}

TEST(Incomplete, NumbersThatNoFaceGives) {
  std::array<float, kDlibDims> encoding = test::invented_dlib(1);
  EXPECT_TRUE(plausible_dlib(encoding));
  encoding[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(plausible_dlib(encoding));
  encoding[5] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(plausible_dlib(encoding));
  encoding.fill(0);
  EXPECT_FALSE(plausible_dlib(encoding));
  encoding.fill(9);
  EXPECT_FALSE(plausible_dlib(encoding));
}

}  // namespace
}  // namespace faceauth
