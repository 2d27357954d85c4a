// What the index leaves out must never be what every single comparison would have named.
#include <faced/auth/identifier.h>
#include <faced/auth/reference_index.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/people.h>

#include <limits>
#include <map>

namespace faceauth {
namespace {

using test::away;
using test::person;

constexpr MatchThresholds kBounds{0.97F, 0.60F};
using Gallery = std::map<std::string, Encodings>;

Gallery crowd(unsigned users) {
  Gallery gallery;
  for (unsigned i = 0; i < users; ++i) gallery["user" + std::to_string(i)] = person(i);
  return gallery;
}

ReferenceIndex index_of(const Gallery& gallery) {
  auto index = ReferenceIndex::with_room_for(gallery.size());
  EXPECT_TRUE(index);
  for (const auto& [name, reference] : gallery) EXPECT_TRUE(index->add(name, reference));
  return std::move(*index);
}

std::vector<std::string> candidates(const ReferenceIndex& index, const Encodings& probe,
                                    MultiplyRows multiply = best_products()) {
  ReferenceScan scan(index, probe, multiply);
  while (scan.step(100)) {
  }
  return scan.candidates();
}

Identifier::Answer by_all(const Gallery& gallery, const Encodings& probe) {
  Identifier identifier(kBounds, gallery.size(), probe);
  for (const auto& [name, reference] : gallery) identifier.compare(name, reference);
  return identifier.answer();
}

Identifier::Answer by(const std::vector<std::string>& names, const Gallery& gallery, const Encodings& probe) {
  Identifier identifier(kBounds, gallery.size(), probe);
  for (const std::string& name : names) identifier.compare(name, gallery.at(name));
  return identifier.answer();
}

void expect_same(const Gallery& gallery, const ReferenceIndex& index, const Encodings& probe) {
  const std::vector<std::string> few = candidates(index, probe);
  EXPECT_EQ(few, candidates(index, probe, plain_products()));
  const auto exact = by_all(gallery, probe), quick = by(few, gallery, probe);
  EXPECT_EQ(exact.user, quick.user);
  EXPECT_EQ(exact.margin, quick.margin);  // to the last bit
}

TEST(ReferenceIndex, AnswersAsEveryComparisonWould) {
  const Gallery gallery = crowd(1500);
  const ReferenceIndex index = index_of(gallery);
  std::size_t looked_up = 0;
  for (unsigned i = 0; i < 40; ++i) {
    const Encodings known =
        away(gallery.at("user" + std::to_string(i * 7)), 0.3F + 0.01F * static_cast<float>(i), 0.3F);
    EXPECT_EQ(by_all(gallery, known).user.has_value(),
              0.3F + 0.01F * static_cast<float>(i) <= 0.97F - 0.065F * 3.1761F);
    expect_same(gallery, index, known);
    expect_same(gallery, index, person(100'000 + i));
    looked_up += candidates(index, person(100'000 + i)).size();
  }
  EXPECT_LT(looked_up, 40U * 200);  // or it would be of no use
}

TEST(ReferenceIndex, KeepsApartWhomEightBitsCannot) {
  const Encodings ann = person(1);
  Gallery gallery = crowd(100);
  for (unsigned i = 0; i < 50; ++i)
    gallery["twin" + std::to_string(i)] = away(ann, 0.3F + 1e-5F * static_cast<float>(i * 31 % 50), 0.2F, i);
  gallery["same1"] = gallery["same2"] = away(ann, 0.3F - 1e-6F, 0.2F);
  const ReferenceIndex index = index_of(gallery);
  for (unsigned i = 0; i < 20; ++i)
    expect_same(gallery, index, away(ann, 0.05F * static_cast<float>(i), 0.1F, 500 + i));
}

TEST(ReferenceIndex, OneUserIsACandidate) {
  const Gallery gallery{{"ann", person(1)}};
  EXPECT_EQ(candidates(index_of(gallery), person(2)), std::vector<std::string>{"ann"});
}

TEST(ReferenceIndex, WhoeverIsForgottenIsNobody) {
  Gallery gallery = crowd(100);
  ReferenceIndex index = index_of(gallery);
  const Encodings probe = away(gallery.at("user42"), 0.3F, 0.2F);
  ASSERT_EQ(by(candidates(index, probe), gallery, probe).user, "user42");
  index.forget("user42");
  index.forget("nobody");
  index.forget("");
  gallery.erase("user42");
  EXPECT_EQ(by(candidates(index, probe), gallery, probe).user, std::nullopt);
  expect_same(gallery, index, probe);
}

TEST(ReferenceIndex, HoldsNoMoreThanItHasRoomFor) {
  auto index = ReferenceIndex::with_room_for(1);
  ASSERT_TRUE(index);
  EXPECT_TRUE(index->add("ann", person(1)));
  EXPECT_FALSE(index->add("bob", person(2)));
  EXPECT_FALSE(ReferenceIndex::with_room_for(std::numeric_limits<std::size_t>::max() / 2));
}

TEST(ReferenceIndex, BrokenVectorsAreNobodys) {
  Gallery gallery = crowd(10);
  gallery["a zero"] = Encodings{};
  gallery["b broken"] = person(77);
  gallery["b broken"].feature[5] = std::numeric_limits<float>::quiet_NaN();
  const ReferenceIndex index = index_of(gallery);
  EXPECT_EQ(index.size(), 10U);
  Encodings broken = person(3);
  broken.feature[0] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(candidates(index, broken).empty());
  EXPECT_TRUE(candidates(index, Encodings{}).empty());
  expect_same(gallery, index, person(5));
}

TEST(RowProducts, AreExactAtTheirLimits) {
  std::vector<std::int8_t> rows(3 * kFeatureDims, 127);
  std::fill(rows.begin() + kFeatureDims, rows.begin() + 2 * kFeatureDims, std::int8_t{-127});
  rows[2 * kFeatureDims + 511] = -126;
  const std::vector<std::int16_t> probe(kFeatureDims, 32767);
  for (const MultiplyRows multiply : {best_products(), plain_products()}) {
    std::array<std::int32_t, 3> products{};
    multiply(probe.data(), rows.data(), 3, products.data());
    EXPECT_EQ(products, (std::array<std::int32_t, 3>{2'130'641'408, -2'130'641'408, 2'130'641'408 - 253 * 32767}));
  }
}

}  // namespace
}  // namespace faceauth
