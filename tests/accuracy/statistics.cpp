#include <tests/accuracy/statistics.h>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace faceauth::eval {
namespace {

constexpr std::size_t kResamples = 1000;
constexpr double kTail = 0.025;

Interval joined(const Interval& a, const Interval& b) { return {std::min(a.low, b.low), std::max(a.high, b.high)}; }

void set_interval(Rate& rate, const std::optional<Interval>& bootstrap) {
  const Interval exact = exact_binomial(rate.errors, rate.trials);
  rate.interval = bootstrap ? joined(*bootstrap, exact) : exact;
}

}  // namespace

Interval exact_binomial(std::size_t errors, std::size_t trials) {
  using Binomial = boost::math::binomial_distribution<double>;
  if (trials == 0) return {};
  const auto n = static_cast<double>(trials), k = static_cast<double>(std::min(errors, trials));
  return {k > 0 ? Binomial::find_lower_bound_on_p(n, k, kTail) : 0.0,
          k < n ? Binomial::find_upper_bound_on_p(n, k, kTail) : 1.0};
}

double bootstrap_tail(std::size_t people) {
  if (people < 2) return 0;
  const auto n = static_cast<double>(people);
  const double t = boost::math::quantile(boost::math::students_t_distribution<double>(n - 1), kTail);
  return boost::math::cdf(boost::math::normal_distribution<double>(), std::sqrt(n / (n - 1)) * t);
}

Resamples::Resamples(std::size_t people) : people_(people), weights_(people * kResamples) {
  std::mt19937_64 random(20240229);
  for (std::size_t r = 0; people > 0 && r < kResamples; ++r)
    for (std::size_t drawn = 0; drawn < people; ++drawn) ++weights_[r * people + random() % people];
}

std::size_t Resamples::size() const { return people_ == 0 ? 0 : kResamples; }

std::span<const std::uint16_t> Resamples::weights(std::size_t resample) const {
  return {weights_.data() + resample * people_, people_};
}

std::optional<Interval> Resamples::interval(const RateOf& rate) const {
  if (people_ < 2) return std::nullopt;
  std::vector<double> rates;
  for (std::size_t r = 0; r < size(); ++r)
    if (const std::optional<double> one = rate(weights(r))) rates.push_back(*one);
  if (rates.empty()) return std::nullopt;
  std::sort(rates.begin(), rates.end());
  const auto at = [&](double share) {
    return rates[static_cast<std::size_t>(std::lround(share * static_cast<double>(rates.size() - 1)))];
  };
  const double tail = bootstrap_tail(people_);
  return Interval{at(tail), at(1 - tail)};
}

Rate genuine_rate(std::span<const Tally> by_person, const Resamples& resamples) {
  Rate rate;
  double people = 0, sum = 0;
  for (const Tally& t : by_person) {
    rate.errors += t.errors;
    rate.trials += t.trials;
    if (t.trials == 0) continue;
    people += 1;
    sum += static_cast<double>(t.errors) / static_cast<double>(t.trials);
  }
  if (rate.trials == 0) return rate;
  rate.value = static_cast<double>(rate.errors) / static_cast<double>(rate.trials);
  rate.by_person = sum / people;
  set_interval(rate, resamples.interval([&](std::span<const std::uint16_t> weights) -> std::optional<double> {
    double errors = 0, trials = 0;
    for (std::size_t i = 0; i < by_person.size(); ++i) {
      errors += weights[i] * static_cast<double>(by_person[i].errors);
      trials += weights[i] * static_cast<double>(by_person[i].trials);
    }
    return trials > 0 ? std::optional(errors / trials) : std::nullopt;
  }));
  return rate;
}

double Crossing::trials(std::span<const std::uint16_t> weights) const {
  double lefts = 0, rights = 0, own = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const double w = weights.empty() ? 1 : weights[i];
    lefts += w * left[i];
    rights += w * right[i];
    own += w * w * left[i] * right[i];
  }
  return (lefts * rights - own) / (halved ? 2 : 1);
}

double Crossing::trials() const { return trials({}); }

std::vector<double> Crossing::trials_of_each() const {
  const double rights = std::accumulate(right.begin(), right.end(), 0.0);
  std::vector<double> out(left.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = left[i] * (rights - right[i]);
  return out;
}

Rate impostor_rate(const Crossing& crossing, std::span<const PairErrors> errors, const Resamples& resamples) {
  Rate rate;
  rate.trials = static_cast<std::size_t>(std::llround(crossing.trials()));
  if (rate.trials == 0) return rate;
  std::vector<double> of_person(crossing.left.size());
  for (const PairErrors& e : errors) {
    rate.errors += e.count;
    of_person[e.first] += e.count;
    if (crossing.halved) of_person[e.second] += e.count;
  }
  rate.value = static_cast<double>(rate.errors) / static_cast<double>(rate.trials);
  const std::vector<double> trials_of = crossing.trials_of_each();
  double people = 0, sum = 0;
  for (std::size_t i = 0; i < of_person.size(); ++i) {
    if (trials_of[i] <= 0) continue;
    people += 1;
    sum += of_person[i] / trials_of[i];
  }
  if (people > 0) rate.by_person = sum / people;
  set_interval(rate, resamples.interval([&](std::span<const std::uint16_t> weights) -> std::optional<double> {
    double wrong = 0;
    for (const PairErrors& e : errors) wrong += static_cast<double>(e.count) * weights[e.first] * weights[e.second];
    const double trials = crossing.trials(weights);
    return trials > 0 ? std::optional(wrong / trials) : std::nullopt;
  }));
  return rate;
}

}  // namespace faceauth::eval
