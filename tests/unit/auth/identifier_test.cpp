#include <faced/auth/identifier.h>
#include <faced/auth/thresholds.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/people.h>

#include <limits>

namespace faceauth {
namespace {

using test::away;
using test::person;
using test::sight_of;

constexpr MatchThresholds kBounds{0.97F, 0.60F};

TEST(Identifier, NamesTheNearestOfMany) {
  const Encodings ann = person(1);
  Identifier identifier(kBounds, 3, away(ann, 0.5F, 0.3F));
  identifier.compare("bob", person(2));
  identifier.compare("ann", ann);
  identifier.compare("cid", person(3));
  const auto answer = identifier.answer();
  EXPECT_EQ(answer.user, "ann");
  EXPECT_GT(answer.margin, 0.5F);
}

TEST(Identifier, AStrangerIsNobody) {
  Identifier identifier(kBounds, 2, person(9));
  identifier.compare("ann", person(1));
  identifier.compare("bob", person(2));
  EXPECT_EQ(identifier.answer().user, std::nullopt);
}

TEST(Identifier, AnEmptyGalleryKnowsNobody) {
  const Identifier identifier(kBounds, 0, person(1));
  EXPECT_EQ(identifier.answer().user, std::nullopt);
  EXPECT_EQ(identifier.answer().margin, 0);
}

TEST(Identifier, OneUserNeedsNoMargin) {
  const Encodings ann = person(1);
  Identifier identifier(kBounds, 1, away(ann, 0.9F, 0.5F));
  identifier.compare("ann", ann);
  EXPECT_EQ(identifier.answer().user, "ann");
  EXPECT_EQ(identifier.answer().margin, 0);
}

TEST(Identifier, TheThresholdTightensWithTheGallery) {
  const Encodings ann = person(1);
  const struct {
    std::size_t users;
    float distance;
    bool known;
  } table[] = {{1, 0.96F, true},    {1, 0.98F, false},    {10, 0.90F, true},
               {10, 0.91F, false},  {100, 0.83F, true},   {100, 0.85F, false},
               {1000, 0.77F, true}, {1000, 0.78F, false}, {100'000, 0.70F, false}};
  for (const auto& row : table) {
    Identifier identifier(kBounds, row.users, away(ann, row.distance, 0.3F));
    identifier.compare("ann", ann);
    EXPECT_EQ(identifier.answer().user.has_value(), row.known) << row.users << " users, " << row.distance;
  }
}

TEST(Identifier, MoreUsersThanSaidTightenAsWell) {
  const Encodings ann = person(1);
  Identifier identifier(kBounds, 1, away(ann, 0.93F, 0.3F));
  identifier.compare("ann", ann);
  EXPECT_EQ(identifier.answer().user, "ann");
  for (unsigned i = 0; i < 9; ++i) identifier.compare("other", person(100 + i));
  EXPECT_EQ(identifier.answer().user, std::nullopt);
}

TEST(Identifier, TwoAlmostAsNearAreNobody) {
  const Encodings probe = person(1);
  const float nearest = 0.60F;
  for (const bool best_first : {true, false}) {
    Identifier close(kBounds, 2, probe), apart(kBounds, 2, probe);
    const Encodings best = away(probe, nearest, 0.3F, 7);
    const Encodings twin = away(probe, nearest + thresholds::kIdentifyMargin - 0.01F, 0.3F, 8);
    const Encodings other = away(probe, nearest + thresholds::kIdentifyMargin + 0.01F, 0.3F, 8);
    if (best_first) close.compare("ann", best), apart.compare("ann", best);
    close.compare("twin", twin);
    apart.compare("other", other);
    if (!best_first) close.compare("ann", best), apart.compare("ann", best);
    EXPECT_EQ(close.answer().user, std::nullopt);
    EXPECT_NEAR(close.answer().margin, 0.04, 1e-3);
    EXPECT_EQ(apart.answer().user, "ann");
  }
}

TEST(Identifier, DlibCanOnlyRefuse) {
  const Encodings probe = person(1);
  Identifier refused(kBounds, 2, probe);
  refused.compare("ann", away(probe, 0.3F, 0.61F, 7));
  refused.compare("bob", away(probe, 0.6F, 0.10F, 8));
  EXPECT_EQ(refused.answer().user, std::nullopt) << "not bob either, whom dlib prefers";
  Identifier alone(kBounds, 1, probe);
  alone.compare("ann", away(probe, 1.2F, 0.0F));
  EXPECT_EQ(alone.answer().user, std::nullopt);
}

TEST(Identifier, BrokenVectorsAreNobody) {
  Encodings broken = person(1);
  broken.feature[0] = std::numeric_limits<float>::quiet_NaN();
  Identifier probe_broken(kBounds, 1, broken);
  probe_broken.compare("ann", broken);
  EXPECT_EQ(probe_broken.answer().user, std::nullopt);
  Identifier empty(kBounds, 1, Encodings{});
  empty.compare("ann", Encodings{});
  EXPECT_EQ(empty.answer().user, std::nullopt);

  Identifier beside(kBounds, 2, person(1));
  beside.compare("broken", broken);
  beside.compare("ann", person(1));
  EXPECT_EQ(beside.answer().user, "ann");
}

TEST(MeanOf, UsesWhatIsUsable) {
  const Encodings ann = person(1);
  const Sight a = sight_of(away(ann, 0.6F, 0.4F, 7)), b = sight_of(away(ann, 0.6F, 0.4F, 8));
  Sight unencoded = sight_of(person(5));
  unencoded.encoded = false;
  Sight broken = sight_of(person(6));
  broken.encodings.dlib[3] = std::numeric_limits<float>::infinity();
  const Sight* const sights[] = {&a, &unencoded, &broken, &b};
  const Secret<Encodings> mean = mean_of(sights);
  EXPECT_TRUE(same_person({0.5F, 0.35F}, *mean, ann)) << "a mean is nearer than its parts";
  EXPECT_FALSE(same_person({0.5F, 0.35F}, a.encodings, ann));
}

TEST(MeanOf, NothingMatchesNobody) {
  const Secret<Encodings> mean = mean_of({});
  EXPECT_FALSE(same_person(kBounds, *mean, *mean));
  EXPECT_FALSE(same_person(kBounds, *mean, person(1)));
}

TEST(SamePerson, NeedsBothRecognisers) {
  const Encodings ann = person(1);
  EXPECT_TRUE(same_person(kBounds, ann, away(ann, 0.96F, 0.59F)));
  EXPECT_FALSE(same_person(kBounds, ann, away(ann, 0.98F, 0.1F)));
  EXPECT_FALSE(same_person(kBounds, ann, away(ann, 0.1F, 0.61F)));
}

}  // namespace
}  // namespace faceauth
