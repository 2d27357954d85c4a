// How well one distance tells people apart, whatever the threshold: error rates over all of them.
#pragma once

#include <tests/accuracy/statistics.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace faceauth::eval {

// Distances are counted in bins of this width.
inline constexpr std::size_t kBins = 12'500;
inline constexpr float kBinsPerUnit = 5000;
[[nodiscard]] std::size_t bin_of(float distance);
using Histogram = std::array<std::uint64_t, kBins>;
using WeightedHistogram = std::array<double, kBins>;  // each pair with a weight of its own

// Distances of pairs of one person. People are numbered.
struct GenuinePair {
  float distance = 0;
  std::uint32_t person = 0;
};

struct ImpostorPair {
  float distance = 0;
  std::uint32_t first = 0, second = 0;
};

// The false match rates that are reported.
struct Target {
  const char* name;
  double fmr;
};
inline constexpr std::array<Target, 5> kTargets = {
    {{"1e-2", 1e-2}, {"1e-3", 1e-3}, {"1e-4", 1e-4}, {"1e-5", 1e-5}, {"1e-6", 1e-6}}};

struct OperatingPoint {
  double fnmr = 0, by_person = 0, threshold = 0;
  Interval interval;  // the threshold is found anew in each resample
};

class Ranking {
 public:
  // `impostors` counts all pairs of different people, and so does `by_person`, each pair with the weight that makes
  // people count alike (Crossing::trials_of_each); `nearest` lists at least the nearest 1 % of them.
  Ranking(std::vector<GenuinePair> genuine, std::vector<ImpostorPair> nearest, Histogram impostors,
          const WeightedHistogram& by_person, Crossing crossing);

  // Nothing when there are too few comparisons for one of them to be the rate asked for.
  [[nodiscard]] std::optional<OperatingPoint> at(double fmr, const Resamples& resamples) const;
  // The same threshold alone.
  [[nodiscard]] std::optional<float> threshold(double fmr) const;
  [[nodiscard]] std::optional<double> eer() const;
  [[nodiscard]] std::optional<double> eer_by_person() const;

  struct Point {
    double threshold, fmr, fnmr;
  };
  [[nodiscard]] std::vector<Point> curve() const;  // over all thresholds, thinned for drawing
  [[nodiscard]] double impostor_trials() const { return crossing_.trials(); }
  [[nodiscard]] std::size_t genuine_count() const { return genuine_.size(); }
  [[nodiscard]] const Histogram& impostors() const { return impostors_; }
  [[nodiscard]] Histogram genuine() const;

 private:
  [[nodiscard]] float threshold_at(double fmr, std::span<const std::uint16_t> weights) const;
  [[nodiscard]] double fnmr_at(float threshold, std::span<const std::uint16_t> weights) const;

  std::vector<GenuinePair> genuine_;      // the farthest first
  std::vector<ImpostorPair> nearest_;     // the nearest first
  std::vector<std::uint64_t> of_person_;  // genuine pairs
  Histogram impostors_;
  WeightedHistogram impostors_by_person_;
  Crossing crossing_;
};

// The distance up to which a histogram holds `share` of its entries (a little more, never less).
[[nodiscard]] float distance_holding(const Histogram& histogram, double share);

}  // namespace faceauth::eval
