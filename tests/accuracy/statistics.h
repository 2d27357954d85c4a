// Rates and how far they can be trusted. Comparisons of one person with others are not independent, so intervals come
// from a bootstrap over people, widened where people are few; where errors are few or none that is blind, and the exact
// binomial interval is joined to it. All intervals are at 95 %. Deterministic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace faceauth::eval {

struct Interval {
  double low = 0, high = 1;
};

// Not measured when nothing was tried.
struct Rate {
  std::size_t errors = 0, trials = 0;
  std::optional<double> value;      // every comparison weighs alike
  std::optional<double> by_person;  // every person weighs alike
  std::optional<Interval> interval;
};

// Clopper and Pearson.
[[nodiscard]] Interval exact_binomial(std::size_t errors, std::size_t trials);

// The share to be cut off at either end of a bootstrap over so many people for 95 % to be left: less than 2.5 %, since
// resamples of few people vary less than other people would (Hesterberg's expanded percentiles).
[[nodiscard]] double bootstrap_tail(std::size_t people);

// How often each of `people` was drawn, for a fixed number of resamples.
class Resamples {
 public:
  explicit Resamples(std::size_t people);
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::span<const std::uint16_t> weights(std::size_t resample) const;

  // The middle of `rate` over the resamples that bootstrap_tail leaves; `rate` may return nothing for one without a
  // trial. Nothing when there is only one person, who cannot tell how others differ.
  using RateOf = std::function<std::optional<double>(std::span<const std::uint16_t>)>;
  [[nodiscard]] std::optional<Interval> interval(const RateOf& rate) const;

 private:
  std::size_t people_;
  std::vector<std::uint16_t> weights_;
};

// One person's genuine trials.
struct Tally {
  std::size_t errors = 0, trials = 0;
};
[[nodiscard]] Rate genuine_rate(std::span<const Tally> by_person, const Resamples& resamples);

// An error between two people, so many times.
struct PairErrors {
  std::uint32_t first = 0, second = 0;
  std::uint32_t count = 1;
};

// Trials of each person against everybody else: subject i has left[i] and person j brings right[j]; halved when each
// pair was compared once, not in both roles. Person-weighted by subject (of both, when halved).
struct Crossing {
  std::vector<double> left, right;
  bool halved = false;
  [[nodiscard]] double trials(std::span<const std::uint16_t> weights) const;
  [[nodiscard]] double trials() const;
  // Of each subject; where people are to count alike, a trial counts one by so many (for both subjects, when halved).
  [[nodiscard]] std::vector<double> trials_of_each() const;
};
[[nodiscard]] Rate impostor_rate(const Crossing& crossing, std::span<const PairErrors> errors,
                                 const Resamples& resamples);

}  // namespace faceauth::eval
