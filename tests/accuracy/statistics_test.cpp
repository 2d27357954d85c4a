#include <tests/accuracy/distances.h>
#include <tests/accuracy/ranking.h>
#include <tests/accuracy/statistics.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/people.h>

#include <faced/auth/encoding_math.h>

#include <cmath>
#include <mutex>
#include <optional>

namespace faceauth::eval {
namespace {

TEST(ExactBinomial, IsClopperAndPearsons) {
  EXPECT_NEAR(exact_binomial(0, 100).high, 0.036217, 1e-5);
  EXPECT_EQ(exact_binomial(0, 100).low, 0);
  EXPECT_NEAR(exact_binomial(5, 100).low, 0.016432, 1e-5);
  EXPECT_NEAR(exact_binomial(5, 100).high, 0.112835, 1e-5);
  EXPECT_EQ(exact_binomial(7, 7).high, 1);
  EXPECT_NEAR(exact_binomial(0, 1000).high, 3.7 / 1000, 1e-4) << "the rule of three, two-sided";
}

// Normal tails at Student's quantile, sqrt(n / (n - 1)) times as far.
TEST(BootstrapTail, IsThinnerWherePeopleAreFew) {
  EXPECT_NEAR(bootstrap_tail(8), 0.00574, 1e-4);
  EXPECT_NEAR(bootstrap_tail(1000), 0.025, 2e-4);
  EXPECT_LT(bootstrap_tail(2), 1e-12);
  EXPECT_EQ(bootstrap_tail(1), 0) << "there is nobody to draw instead";
}

TEST(Resamples, FewPeopleHaveTheWiderInterval) {
  const auto spread = [](std::size_t people) {
    std::vector<Tally> tallies(people, {0, 100});
    for (std::size_t i = 0; i < people; ++i) tallies[i].errors = 100 * i / (people - 1);
    const auto interval = Resamples(people).interval([&](std::span<const std::uint16_t> weights) {
      double errors = 0, trials = 0;
      for (std::size_t i = 0; i < people; ++i) {
        errors += weights[i] * static_cast<double>(tallies[i].errors);
        trials += weights[i] * 100.0;
      }
      return std::optional(errors / trials);
    });
    return interval->high - interval->low;
  };
  // A normal interval's width falls with the root of the number; eight people's is wider than that.
  EXPECT_GT(spread(8), 1.1 * spread(64) * std::sqrt(64.0 / 8));
  EXPECT_FALSE(Resamples(1).interval([](auto) { return std::optional(0.5); })) << "one person tells nothing of others";
}

TEST(GenuineRate, WeighsByComparisonAndByPerson) {
  const std::vector<Tally> people = {{0, 90}, {5, 10}, {0, 0}};
  const Rate rate = genuine_rate(people, Resamples(people.size()));
  EXPECT_DOUBLE_EQ(*rate.value, 0.05);
  EXPECT_DOUBLE_EQ(*rate.by_person, 0.25);
  EXPECT_LE(rate.interval->low, 0.0) << "resamples without the second person";
  EXPECT_GE(rate.interval->high, 0.2) << "one person carries all errors";
  EXPECT_FALSE(genuine_rate(std::vector<Tally>{{0, 0}}, Resamples(1)).value) << "not measured is not zero";
}

TEST(GenuineRate, IsTheSameEveryTime) {
  const std::vector<Tally> people = {{1, 20}, {0, 30}, {4, 25}, {0, 10}};
  const Rate a = genuine_rate(people, Resamples(4)), b = genuine_rate(people, Resamples(4));
  EXPECT_EQ(a.interval->low, b.interval->low);
  EXPECT_EQ(a.interval->high, b.interval->high);
}

TEST(ImpostorRate, CountsEverybodyAgainstEverybodyElse) {
  // Two are enrolled; all three bring attempts.
  const Crossing crossing{{1, 1, 0}, {4, 6, 10}, false};
  EXPECT_DOUBLE_EQ(crossing.trials(), 1 * (6 + 10) + 1 * (4 + 10));
  const std::vector<PairErrors> errors = {{0, 2, 3}};
  const Rate rate = impostor_rate(crossing, errors, Resamples(3));
  EXPECT_DOUBLE_EQ(*rate.value, 3.0 / 30);
  EXPECT_DOUBLE_EQ(*rate.by_person, (3.0 / 16 + 0) / 2);
  EXPECT_EQ(rate.interval->low, 0);
}

TEST(ImpostorRate, HalvedCountsEachPairOnce) {
  const Crossing crossing{{2, 3, 1}, {2, 3, 1}, true};
  EXPECT_DOUBLE_EQ(crossing.trials(), 2 * 3 + 2 * 1 + 3 * 1);
}

TEST(ImpostorRate, NothingTriedIsNotMeasured) {
  EXPECT_FALSE(impostor_rate({{1}, {5}, false}, {}, Resamples(1)).value);
}

// Ten genuine and a hundred impostor pairs, all told apart except where the table says so.
Ranking ranking_of(std::vector<float> genuine, std::vector<float> impostors) {
  std::vector<GenuinePair> own;
  std::vector<ImpostorPair> others;
  Histogram histogram{};
  WeightedHistogram by_person{};
  std::uint32_t n = 0;
  for (const float d : genuine) own.push_back({d, n++ % 4});
  for (const float d : impostors) {
    others.push_back({d, n % 4, (n + 1) % 4});
    ++n;
    ++histogram[bin_of(d)];
    by_person[bin_of(d)] += 1;
  }
  const double images = std::sqrt(static_cast<double>(impostors.size()) / 6);
  const std::vector<double> each(4, images);
  return {own, others, histogram, by_person, {each, each, true}};
}

TEST(Ranking, FindsTheThresholdOfARate) {
  std::vector<float> impostors;
  for (int i = 0; i < 600; ++i) impostors.push_back(1.0F + 0.001F * static_cast<float>(i));
  const Ranking ranking = ranking_of({0.5F, 0.9F, 1.0045F, 1.2F}, impostors);
  const auto point = ranking.at(0.01, Resamples(4));
  ASSERT_TRUE(point);
  EXPECT_NEAR(point->threshold, 1.006, 1e-4) << "six of 600 lie below the seventh";
  EXPECT_DOUBLE_EQ(point->fnmr, 0.25);
  EXPECT_FALSE(ranking.at(1e-3, Resamples(4))) << "0.6 of a comparison cannot be a match";
}

// At 0.01 of 101 comparisons about half of the resamples allow no match at all; they count with the threshold they
// have.
TEST(Ranking, NoResampleIsDropped) {
  std::vector<float> impostors;
  for (int i = 0; i < 101; ++i) impostors.push_back(0.5F + 0.005F * static_cast<float>(i));
  const Ranking ranking = ranking_of({0.45F, 0.502F, 0.503F, 0.504F}, impostors);
  const auto point = ranking.at(0.01, Resamples(4));
  ASSERT_TRUE(point);
  EXPECT_DOUBLE_EQ(point->fnmr, 0);
  EXPECT_GT(point->interval.high, 0.7)
      << "where the nearest pair may not match, three of the four people do not either";
}

TEST(Ranking, EqualErrorRateIsWhereTheyMeet) {
  const Ranking apart = ranking_of({0.2F, 0.3F}, std::vector<float>(96, 1.0F));
  EXPECT_NEAR(*apart.eer(), 0, 1e-9);
  const Ranking mixed = ranking_of({0.2F, 0.3F, 1.2F, 0.4F}, {0.25F, 1.0F, 1.1F, 1.3F});
  EXPECT_NEAR(*mixed.eer(), 0.25, 1e-9);
}

// One person brings nine pairs that all match, another a single one that does not.
TEST(Ranking, EqualErrorRateByPersonCountsPeopleAlike) {
  std::vector<GenuinePair> genuine(9, {0.2F, 0});
  genuine.push_back({0.9F, 1});
  Histogram histogram{};
  WeightedHistogram by_person{};
  for (const float d : {0.3F, 1.0F}) {
    ++histogram[bin_of(d)];
    by_person[bin_of(d)] += 1;
  }
  const Ranking ranking(genuine, {{0.3F, 0, 1}, {1.0F, 0, 1}}, histogram, by_person, {{2, 1}, {2, 1}, true});
  EXPECT_NEAR(*ranking.eer(), (0.5 + 0.1) / 2, 1e-9);
  EXPECT_NEAR(*ranking.eer_by_person(), 0.5, 1e-9);
}

// The fast sums against the product's.
TEST(Vectors, AllPairsAreTheProductsDistances) {
  std::vector<Encodings> people;
  for (unsigned i = 0; i < 37; ++i) people.push_back(test::person(i + 1));
  std::vector<const Encodings*> list;
  for (const Encodings& e : people) list.push_back(&e);
  std::vector<int> seen(people.size() * people.size());
  std::mutex mutex;
  Vectors(list).all_pairs(3, [&](const Vectors::Row& row) {
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < row.feature.size(); ++i) {
      const std::size_t column = row.first_column + i;
      ++seen[row.row * people.size() + column];
      EXPECT_NEAR(row.feature[i], encoding_math::feature_distance(people[row.row], people[column]), 1e-3);
      EXPECT_NEAR(row.dlib[i], encoding_math::dlib_distance(people[row.row], people[column]), 1e-3);
    }
  });
  for (std::size_t a = 0; a < people.size(); ++a)
    for (std::size_t b = 0; b < people.size(); ++b) EXPECT_EQ(seen[a * people.size() + b], a < b ? 1 : 0);
}

}  // namespace
}  // namespace faceauth::eval
