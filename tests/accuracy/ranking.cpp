#include <tests/accuracy/ranking.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace faceauth::eval {
namespace {

constexpr std::size_t kCurvePoints = 400;

std::uint64_t total(const Histogram& histogram) {
  return std::accumulate(histogram.begin(), histogram.end(), std::uint64_t{0});
}

double weight(std::span<const std::uint16_t> weights, std::uint32_t person) {
  return weights.empty() ? 1 : weights[person];
}

// Where the two error rates meet, to the width of a bin.
std::optional<double> meeting(const std::vector<double>& genuine, const std::vector<double>& impostors) {
  const double own = std::accumulate(genuine.begin(), genuine.end(), 0.0);
  const double others = std::accumulate(impostors.begin(), impostors.end(), 0.0);
  if (own <= 0 || others <= 0) return std::nullopt;
  double matched = 0, missed = own;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    matched += impostors[bin];
    missed -= genuine[bin];
    const double fmr = matched / others, fnmr = std::max(missed, 0.0) / own;
    if (fmr >= fnmr) return (fmr + fnmr) / 2;
  }
  return std::nullopt;
}

float just_below(float value) { return std::nextafter(value, -std::numeric_limits<float>::infinity()); }

}  // namespace

std::size_t bin_of(float distance) {
  const float at = distance * kBinsPerUnit;
  return at < static_cast<float>(kBins - 1) ? static_cast<std::size_t>(std::max(at, 0.0F)) : kBins - 1;
}

float distance_holding(const Histogram& histogram, double share) {
  const double wanted = share * static_cast<double>(total(histogram));
  double seen = 0;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    seen += static_cast<double>(histogram[bin]);
    if (seen >= wanted) return static_cast<float>(bin + 1) / kBinsPerUnit;
  }
  return static_cast<float>(kBins) / kBinsPerUnit;
}

Ranking::Ranking(std::vector<GenuinePair> genuine, std::vector<ImpostorPair> nearest, Histogram impostors,
                 const WeightedHistogram& by_person, Crossing crossing)
    : genuine_(std::move(genuine)),
      nearest_(std::move(nearest)),
      of_person_(crossing.left.size()),
      impostors_(impostors),
      impostors_by_person_(by_person),
      crossing_(std::move(crossing)) {
  std::sort(genuine_.begin(), genuine_.end(), [](const auto& a, const auto& b) {
    return std::tie(b.distance, b.person) < std::tie(a.distance, a.person);
  });
  std::sort(nearest_.begin(), nearest_.end(), [](const auto& a, const auto& b) {
    return std::tie(a.distance, a.first, a.second) < std::tie(b.distance, b.first, b.second);
  });
  for (const GenuinePair& pair : genuine_) ++of_person_[pair.person];
}

// The largest distance at which no more than the share `fmr` of the comparisons lies at or below it.
// Every resample has one: where none may match, it lies before the nearest; where all that are listed may, at the last.
float Ranking::threshold_at(double fmr, std::span<const std::uint16_t> weights) const {
  const double allowed = fmr * crossing_.trials(weights);
  double seen = 0;
  for (const ImpostorPair& pair : nearest_) {
    seen += weight(weights, pair.first) * weight(weights, pair.second);
    if (seen > allowed) return just_below(pair.distance);
  }
  return nearest_.empty() ? 0 : nearest_.back().distance;
}

std::optional<float> Ranking::threshold(double fmr) const {
  if (fmr * crossing_.trials() < 1 || nearest_.empty()) return std::nullopt;
  return threshold_at(fmr, {});
}

double Ranking::fnmr_at(float threshold, std::span<const std::uint16_t> weights) const {
  double wrong = 0, all = 0;
  for (std::size_t i = 0; i < of_person_.size(); ++i)
    all += weight(weights, static_cast<std::uint32_t>(i)) * static_cast<double>(of_person_[i]);
  for (const GenuinePair& pair : genuine_) {
    if (pair.distance <= threshold) break;
    wrong += weight(weights, pair.person);
  }
  return all > 0 ? wrong / all : std::numeric_limits<double>::quiet_NaN();
}

std::optional<OperatingPoint> Ranking::at(double fmr, const Resamples& resamples) const {
  const std::optional<float> threshold = this->threshold(fmr);
  if (!threshold || genuine_.empty()) return std::nullopt;
  OperatingPoint point;
  point.threshold = double{*threshold};
  point.fnmr = fnmr_at(*threshold, {});
  std::vector<double> wrong(of_person_.size());
  std::size_t errors = 0;
  for (const GenuinePair& pair : genuine_) {
    if (pair.distance <= *threshold) break;
    wrong[pair.person] += 1;
    ++errors;
  }
  double people = 0, sum = 0;
  for (std::size_t i = 0; i < of_person_.size(); ++i) {
    if (of_person_[i] == 0) continue;
    people += 1;
    sum += wrong[i] / static_cast<double>(of_person_[i]);
  }
  point.by_person = sum / people;
  const Interval exact = exact_binomial(errors, genuine_.size());
  const auto bootstrap = resamples.interval([&](std::span<const std::uint16_t> weights) -> std::optional<double> {
    const double fnmr = fnmr_at(threshold_at(fmr, weights), weights);  // NaN: nobody with a genuine pair was drawn
    return std::isnan(fnmr) ? std::nullopt : std::optional(fnmr);
  });
  point.interval =
      bootstrap ? Interval{std::min(bootstrap->low, exact.low), std::max(bootstrap->high, exact.high)} : exact;
  return point;
}

Histogram Ranking::genuine() const {
  Histogram histogram{};
  for (const GenuinePair& pair : genuine_) ++histogram[bin_of(pair.distance)];
  return histogram;
}

std::optional<double> Ranking::eer() const {
  const Histogram own = genuine();
  return meeting(std::vector<double>(own.begin(), own.end()),
                 std::vector<double>(impostors_.begin(), impostors_.end()));
}

std::optional<double> Ranking::eer_by_person() const {
  std::vector<double> own(kBins);
  for (const GenuinePair& pair : genuine_)
    own[bin_of(pair.distance)] += 1 / static_cast<double>(of_person_[pair.person]);
  return meeting(own, std::vector<double>(impostors_by_person_.begin(), impostors_by_person_.end()));
}

std::vector<Ranking::Point> Ranking::curve() const {
  const auto impostors = static_cast<double>(total(impostors_)), all = static_cast<double>(genuine_.size());
  std::vector<Point> points;
  if (impostors <= 0 || all <= 0) return points;
  const Histogram own = genuine();
  double matched = 0, missed = all;
  for (std::size_t bin = 0; bin < kBins; ++bin) {
    matched += static_cast<double>(impostors_[bin]);
    missed -= static_cast<double>(own[bin]);
    if (matched > 0 && bin % (kBins / kCurvePoints) == 0)
      points.push_back({static_cast<double>(bin + 1) / double{kBinsPerUnit}, matched / impostors, missed / all});
  }
  return points;
}

}  // namespace faceauth::eval
