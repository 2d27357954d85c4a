#include <faced/auth/decision.h>
#include <tests/accuracy/distances.h>
#include <tests/accuracy/gallery.h>
#include <tests/accuracy/levels.h>

#include <algorithm>
#include <array>
#include <utility>

namespace faceauth::eval {
namespace {

// A little more than the highest rate reported, so that resamples find their own thresholds inside.
constexpr double kNearestShare = 0.02;
// The fast distances are sums in another order than the product's: within this of a threshold the product is asked.
constexpr float kRounding = 1e-3F;

enum Recogniser : std::size_t { kFeature, kDlib, kRecognisers };
constexpr std::array<const char*, kRecognisers> kNames = {"feature", "dlib"};

std::array<float, kRecognisers> distances_at(const Vectors::Row& row, std::size_t i) {
  return {row.feature[i], row.dlib[i]};
}

// What one worker found; joined at the end.
struct Share {
  std::array<Histogram, kRecognisers> impostors{};
  std::array<WeightedHistogram, kRecognisers> by_person{};
  std::array<std::vector<GenuinePair>, kRecognisers> genuine;
  std::array<std::vector<ImpostorPair>, kRecognisers> nearest;
  std::array<std::vector<PairErrors>, kLevels> matched;
  std::array<std::vector<Tally>, kLevels> own;
};

class Gallery {
 public:
  Gallery(std::span<const Shot> shots, std::size_t people, unsigned jobs,
          const std::optional<EncoderCalibration>& calibration)
      : shots_(shots), people_(people), jobs_(std::max(1U, jobs)), vectors_(encodings_of(shots)), shares_(jobs_) {
    for (Share& share : shares_)
      for (auto& own : share.own) own.resize(people);
    for (const double trials : crossing().trials_of_each()) weight_.push_back(trials > 0 ? 1 / trials : 0);
    for (const MatchLevel level : kAllLevels) rules_[index_of(level)] = match_thresholds(level, calibration);
  }

  GalleryReport report() {
    vectors_.all_pairs(jobs_, [this](const Vectors::Row& row) { count(row); });
    std::array<Histogram, kRecognisers> impostors{};
    std::array<WeightedHistogram, kRecognisers> by_person{};
    for (std::size_t r = 0; r < kRecognisers; ++r) {
      for (const Share& share : shares_)
        for (std::size_t bin = 0; bin < kBins; ++bin) {
          impostors[r][bin] += share.impostors[r][bin];
          by_person[r][bin] += share.by_person[r][bin];
        }
      bounds_[r] = distance_holding(impostors[r], kNearestShare);
    }
    vectors_.all_pairs(jobs_, [this](const Vectors::Row& row) { collect_nearest(row); });

    GalleryReport out;
    const Resamples resamples(people_);
    for (std::size_t r = 0; r < kRecognisers; ++r) {
      Ranking ranking(joined(&Share::genuine, r), joined(&Share::nearest, r), impostors[r], by_person[r], crossing());
      out.json["recognisers"][kNames[r]] = json_of(ranking, resamples);
      out.rankings.push_back({kNames[r], std::move(ranking)});
    }
    for (const MatchLevel level : kAllLevels) out.json["shipped"][name_of(level)] = shipped(level, resamples);
    return out;
  }

 private:
  static std::vector<const Encodings*> encodings_of(std::span<const Shot> shots) {
    std::vector<const Encodings*> out;
    out.reserve(shots.size());
    for (const Shot& shot : shots) out.push_back(shot.encodings);
    return out;
  }

  template <class Lists>
  typename Lists::value_type joined(Lists Share::*lists, std::size_t i) const {
    typename Lists::value_type all;
    for (const Share& share : shares_) all.insert(all.end(), (share.*lists)[i].begin(), (share.*lists)[i].end());
    return all;
  }

  void count(const Vectors::Row& row) {
    Share& share = shares_[row.worker];
    const std::uint32_t left = shots_[row.row].person;
    for (std::size_t i = 0; i < row.feature.size(); ++i) {
      const std::uint32_t right = shots_[row.first_column + i].person;
      const auto distances = distances_at(row, i);
      for (std::size_t r = 0; r < kRecognisers; ++r) {
        if (left == right)
          share.genuine[r].push_back({distances[r], left});
        else
          count_impostor(share, r, distances[r], weight_[left] + weight_[right]);
      }
      judge(share, row.row, row.first_column + i, row.feature[i]);
    }
  }

  static void count_impostor(Share& share, std::size_t recogniser, float distance, double weight) {
    const std::size_t bin = bin_of(distance);
    ++share.impostors[recogniser][bin];
    share.by_person[recogniser][bin] += weight;
  }

  // The product's own decision on one image against one template.
  void judge(Share& share, std::size_t a, std::size_t b, float feature) {
    const std::uint32_t left = shots_[a].person, right = shots_[b].person;
    for (std::size_t level = 0; level < kLevels; ++level) {
      const bool near = feature <= rules_[level].feature + kRounding;
      const bool match = near && same_person(rules_[level], *shots_[a].encodings, *shots_[b].encodings);
      if (left == right) {
        ++share.own[level][left].trials;
        if (!match) ++share.own[level][left].errors;
      } else if (match) {
        share.matched[level].push_back({left, right, 1});
      }
    }
  }

  void collect_nearest(const Vectors::Row& row) {
    Share& share = shares_[row.worker];
    const std::uint32_t left = shots_[row.row].person;
    for (std::size_t i = 0; i < row.feature.size(); ++i) {
      const std::uint32_t right = shots_[row.first_column + i].person;
      if (left == right) continue;
      const auto distances = distances_at(row, i);
      for (std::size_t r = 0; r < kRecognisers; ++r)
        if (distances[r] <= bounds_[r]) share.nearest[r].push_back({distances[r], left, right});
    }
  }

  [[nodiscard]] Crossing crossing() const {
    std::vector<double> images(people_);
    for (const Shot& shot : shots_) images[shot.person] += 1;
    return {images, images, true};
  }

  [[nodiscard]] Json shipped(MatchLevel level, const Resamples& resamples) const {
    std::vector<Tally> own(people_);
    for (const Share& share : shares_)
      for (std::size_t i = 0; i < people_; ++i) {
        own[i].errors += share.own[index_of(level)][i].errors;
        own[i].trials += share.own[index_of(level)][i].trials;
      }
    const std::vector<PairErrors> matched = joined(&Share::matched, index_of(level));
    Json json = Json::object();
    put_rate(json, "fmr", impostor_rate(crossing(), matched, resamples));
    put_rate(json, "fnmr", genuine_rate(own, resamples));
    return json;
  }

  std::span<const Shot> shots_;
  std::size_t people_;
  unsigned jobs_;
  Vectors vectors_;
  std::vector<Share> shares_;
  std::vector<double> weight_;  // of an impostor pair, by each of its people
  std::array<float, kRecognisers> bounds_{};
  std::array<MatchThresholds, kLevels> rules_;
};

}  // namespace

Json json_of(const Ranking& ranking, const Resamples& resamples) {
  Json json = Json::object();
  json["eer"] = json_of(ranking.eer());
  json["eer_by_person"] = json_of(ranking.eer_by_person());
  for (const Target& target : kTargets) {
    const std::optional<OperatingPoint> point = ranking.at(target.fmr, resamples);
    Json& at = json["fnmr_at"][target.name];
    at = {{"fnmr", nullptr}, {"ci", nullptr}, {"fnmr_by_person", nullptr}, {"threshold", nullptr}};
    if (!point) continue;
    at["fnmr"] = point->fnmr;
    at["ci"] = json_of(std::optional(point->interval));
    at["fnmr_by_person"] = point->by_person;
    at["threshold"] = point->threshold;
  }
  return json;
}

GalleryReport compare_gallery(std::span<const Shot> shots, std::size_t people, unsigned jobs,
                              const std::optional<EncoderCalibration>& calibration) {
  return Gallery(shots, people, jobs, calibration).report();
}

}  // namespace faceauth::eval
