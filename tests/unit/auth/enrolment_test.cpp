#include <faced/auth/encoding_math.h>
#include <faced/auth/enrolment.h>
#include <faced/auth/thresholds.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "people.h"

namespace faceauth {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr EnrolmentBounds kBounds{.same_person = 1.15F, .same_view = 0.15F};

// Pictures of one person, so far from each other's common middle.
std::vector<Encodings> pictures(unsigned person, std::size_t count, float spread = 0.5F) {
  std::vector<Encodings> out;
  for (unsigned i = 0; i < count; ++i) out.push_back(test::away(test::person(person), spread, 0.2F, 100 * person + i));
  return out;
}

std::vector<const Encodings*> views(const std::vector<Encodings>& pictures) {
  std::vector<const Encodings*> out;
  for (const Encodings& e : pictures) out.push_back(&e);
  return out;
}

std::vector<Encodings> joined(std::vector<Encodings> a, const std::vector<Encodings>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<std::size_t> odd(const std::vector<Encodings>& fresh, const std::vector<Encodings>& stored = {}) {
  return odd_ones_out(kBounds, views(fresh), views(stored));
}

std::vector<Secret<Encodings>> kept(const std::vector<Encodings>& fresh, const std::vector<Encodings>& stored = {}) {
  return merged(kBounds, views(fresh), views(stored));
}

TEST(EnrolmentBounds, LieBetweenWhatIsCertainEitherWay) {
  const EnrolmentBounds shipped = enrolment_bounds(Config{});
  EXPECT_GT(shipped.same_person, thresholds::kFeatureConvenient);
  EXPECT_LT(shipped.same_person, thresholds::kFeatureSingleFrame);
  EXPECT_GT(shipped.same_view, 0.05F);
  EXPECT_LT(shipped.same_view, 0.2F);
  Config other;
  other.encoder.calibration = EncoderCalibration{.convenient = 0.5F, .per_decade = 0.1F};
  EXPECT_FLOAT_EQ(enrolment_bounds(other).same_person, 0.7F) << "in the encoder's own measure";
}

TEST(OddOnesOut, OnePersonHasNone) {
  EXPECT_THAT(odd(pictures(1, 5)), IsEmpty());
  EXPECT_THAT(odd(pictures(1, 1)), IsEmpty());
  EXPECT_THAT(odd({}), IsEmpty());
}

TEST(OddOnesOut, TheStrangerAmongFiveIsNamedWhereverHeStands) {
  for (std::size_t at = 0; at < 5; ++at) {
    std::vector<Encodings> fresh = pictures(1, 5);
    fresh[at] = pictures(2, 1)[0];
    EXPECT_THAT(odd(fresh), ElementsAre(at));
  }
}

TEST(OddOnesOut, TwoStrangersAmongFiveAreBothNamed) {
  EXPECT_THAT(odd(joined(pictures(1, 3), pictures(2, 2))), ElementsAre(3, 4));
}

TEST(OddOnesOut, WithoutAMajorityAllAreDoubted) {
  EXPECT_THAT(odd(joined(pictures(1, 1), pictures(2, 1))), ElementsAre(0, 1));
  EXPECT_THAT(odd(joined(pictures(1, 2), pictures(2, 2))), ElementsAre(0, 1, 2, 3));
}

TEST(OddOnesOut, WhatIsStoredIsAVoiceToo) {
  const std::vector<Encodings> stored = pictures(1, 3, 0.6F);
  EXPECT_THAT(odd(pictures(1, 1), stored), IsEmpty());
  EXPECT_THAT(odd(pictures(2, 1), stored), ElementsAre(0));
  EXPECT_THAT(odd(pictures(2, 3), stored), ElementsAre(0, 1, 2)) << "as many strangers do not outvote it";
}

// One unlucky comparison does not make a stranger of anybody.
TEST(OddOnesOut, HalfOfTheOthersWillDo) {
  std::vector<Encodings> fresh = pictures(1, 4, 0.3F);
  fresh.push_back(test::away(fresh[0], 1.3F, 0.2F, 7));  // far from the first
  for (std::size_t i = 0; i < kFeatureDims; ++i) fresh[4].feature[i] += fresh[1].feature[i] + fresh[2].feature[i];
  ASSERT_LT(encoding_math::feature_distance(fresh[4], fresh[3]), kBounds.same_person);
  EXPECT_THAT(odd(fresh), IsEmpty());
}

TEST(OddOnesOut, WhatCannotBeMeasuredIsNobody) {
  std::vector<Encodings> fresh = pictures(1, 3);
  fresh[1].feature[5] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(odd(fresh), ElementsAre(1));
}

TEST(Merged, DifferentViewsAreAllKept) {
  const std::vector<Encodings> fresh = pictures(1, 5);
  const auto templates = kept(fresh);
  ASSERT_EQ(templates.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_NEAR(encoding_math::feature_distance(*templates[i], fresh[i]), 0, 1e-3F) << "unchanged, in order";
}

TEST(Merged, OneMomentIsOneTemplateAndDoesNotOutweighTheOther) {
  const Encodings moment = pictures(1, 1)[0], other = pictures(1, 2)[1];
  std::vector<Encodings> fresh;
  for (unsigned i = 0; i < 4; ++i) fresh.push_back(test::away(moment, 0.07F, 0.02F, 500 + i));
  fresh.push_back(other);
  const auto templates = kept(fresh);
  ASSERT_EQ(templates.size(), 2U);
  EXPECT_LT(encoding_math::feature_distance(*templates[0], moment), 0.06F) << "the mean of the four";
  EXPECT_LT(encoding_math::dlib_distance(*templates[0], moment), 0.03F);
  EXPECT_NEAR(encoding_math::feature_distance(*templates[1], other), 0, 1e-3F);
}

TEST(Merged, WhatIsStoredAlreadyIsLeftOutUnlessNothingElseIsThere) {
  const std::vector<Encodings> stored = pictures(1, 2);
  std::vector<Encodings> fresh = {test::away(stored[0], 0.05F, 0.02F, 9), pictures(1, 3)[2]};
  const auto both = kept(fresh, stored);
  ASSERT_EQ(both.size(), 1U);
  EXPECT_NEAR(encoding_math::feature_distance(*both[0], fresh[1]), 0, 1e-3F);
  fresh.pop_back();
  EXPECT_EQ(kept(fresh, stored).size(), 1U) << "who registers gets a template";
}

TEST(Merged, NothingUsableIsNothing) {
  EXPECT_TRUE(kept({Encodings{}}).empty());
  EXPECT_TRUE(kept({}).empty());
}

}  // namespace
}  // namespace faceauth
