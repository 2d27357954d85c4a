#include <faced/auth/decision.h>
#include <faced/auth/encoding_math.h>
#include <tests/accuracy/levels.h>
#include <tests/accuracy/pairs.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <set>
#include <sstream>

namespace faceauth::eval {
namespace {

constexpr std::size_t kFolds = 10;
constexpr std::size_t kFoldsOfAList = 20;  // more runs than these are pairs in no particular order
constexpr std::size_t kLinesMax = 10'000'000;
constexpr float kNowhere = std::numeric_limits<float>::infinity();

std::vector<std::string> columns_of(std::string line) {
  if (line.ends_with('\r')) line.pop_back();
  std::vector<std::string> columns;
  std::istringstream in(line);
  for (std::string column; std::getline(in, column, ',');) columns.push_back(column);
  return columns;
}

struct Measured {
  float distance;
  bool same;
};

// Share of right answers when everything up to `threshold` is called the same.
double accuracy(const std::vector<Measured>& pairs, float threshold) {
  const auto right = std::count_if(pairs.begin(), pairs.end(),
                                   [threshold](const Measured& m) { return (m.distance <= threshold) == m.same; });
  return static_cast<double>(right) / static_cast<double>(pairs.size());
}

// One pass over the sorted distances finds the threshold with the most right answers, halfway to the next distance.
float best_threshold(std::vector<Measured> pairs) {
  std::sort(pairs.begin(), pairs.end(), [](const Measured& a, const Measured& b) { return a.distance < b.distance; });
  std::ptrdiff_t right = 0, best = 0;
  float threshold = -1;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    right += pairs[i].same ? 1 : -1;
    const bool tied = i + 1 < pairs.size() && pairs[i + 1].distance <= pairs[i].distance;
    if (tied || right <= best || std::isinf(pairs[i].distance)) continue;
    best = right;
    const bool last = i + 1 == pairs.size() || std::isinf(pairs[i + 1].distance);
    threshold = last ? pairs[i].distance : (pairs[i].distance + pairs[i + 1].distance) / 2;
  }
  return threshold;
}

using Folds = std::vector<std::vector<Measured>>;

// A run of pairs of one person and the run of pairs of two that follows it.
Folds folds_of_the_list(const std::vector<Measured>& pairs) {
  Folds folds;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i == 0 || (pairs[i].same && !pairs[i - 1].same)) folds.emplace_back();
    folds.back().push_back(pairs[i]);
  }
  return folds;
}

// For a list without folds: pairs of one and of two people are each cut into ten runs.
Folds folds_in_file_order(const std::vector<Measured>& pairs) {
  Folds folds(kFolds);
  for (const bool same : {true, false}) {
    std::vector<Measured> kind;
    std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(kind),
                 [same](const Measured& m) { return m.same == same; });
    for (std::size_t i = 0; i < kind.size(); ++i) folds[i * kFolds / kind.size()].push_back(kind[i]);
  }
  return folds;
}

// A threshold needs pairs of both kinds to be chosen, and an accuracy to be one.
bool complete(const Folds& folds) {
  return std::all_of(folds.begin(), folds.end(), [](const std::vector<Measured>& fold) {
    return std::any_of(fold.begin(), fold.end(), [](const Measured& m) { return m.same; }) &&
           std::any_of(fold.begin(), fold.end(), [](const Measured& m) { return !m.same; });
  });
}

// Each fold is judged by the threshold that is best for the others.
Json cross_validated(const std::vector<Measured>& pairs) {
  Folds folds = folds_of_the_list(pairs);
  const bool own = folds.size() >= 2 && folds.size() <= kFoldsOfAList && complete(folds);
  if (!own) folds = folds_in_file_order(pairs);
  if (!own && !complete(folds)) return nullptr;
  double sum = 0, squares = 0;
  for (std::size_t held = 0; held < folds.size(); ++held) {
    std::vector<Measured> others;
    for (std::size_t fold = 0; fold < folds.size(); ++fold)
      if (fold != held) others.insert(others.end(), folds[fold].begin(), folds[fold].end());
    const double one = accuracy(folds[held], best_threshold(std::move(others)));
    sum += one;
    squares += one * one;
  }
  const auto n = static_cast<double>(folds.size());
  const double mean = sum / n, variance = std::max(0.0, squares / n - mean * mean) * n / (n - 1);
  return {
      {"accuracy", mean}, {"accuracy_se", std::sqrt(variance / n)}, {"folds", folds.size()}, {"folds_of_list", own}};
}

class Pairs {
 public:
  Pairs(const PairList& list, std::span<const Sight> sights, const std::optional<EncoderCalibration>& calibration)
      : list_(list), sights_(sights), calibration_(calibration) {
    // The folder is the person; intervals draw people, and with them the pairs of two drawn people.
    std::map<std::string, std::uint32_t> numbers;
    for (const std::string& file : list.files)
      person_.push_back(
          numbers
              .emplace(std::filesystem::path(file).parent_path().string(), static_cast<std::uint32_t>(numbers.size()))
              .first->second);
    people_ = numbers.size();
  }

  Json report() const {
    const Resamples resamples(people_);
    Json json;
    json["pairs"] = list_.pairs.size();
    json["same"] = std::count_if(list_.pairs.begin(), list_.pairs.end(), [](const ImagePair& p) { return p.same; });
    json["people"] = people_;
    json["recognisers"]["feature"] = cross_validated(measured(&encoding_math::feature_distance));
    json["recognisers"]["dlib"] = cross_validated(measured(&encoding_math::dlib_distance));
    std::set<std::string> kinds;
    for (const ImagePair& pair : list_.pairs) kinds.insert(pair.kind);
    for (const MatchLevel level : kAllLevels) {
      json["shipped"][name_of(level)] = shipped(level, nullptr, resamples);
      for (const std::string& kind : kinds)
        if (!kind.empty()) json["kinds"][kind][name_of(level)] = shipped(level, &kind, resamples);
    }
    return json;
  }

 private:
  template <class Distance>
  std::vector<Measured> measured(Distance distance) const {
    std::vector<Measured> out;
    for (const ImagePair& pair : list_.pairs) {
      const Sight &a = sights_[pair.first], &b = sights_[pair.second];
      out.push_back({a.encoded && b.encoded ? distance(a.encodings, b.encodings) : kNowhere, pair.same});
    }
    return out;
  }

  Json shipped(MatchLevel level, const std::string* kind, const Resamples& resamples) const {
    const MatchThresholds thresholds = match_thresholds(level, calibration_);
    std::array<Rate, 2> rates;  // of different people, of the same
    std::array<std::vector<std::pair<const ImagePair*, bool>>, 2> judged;
    for (const ImagePair& pair : list_.pairs) {
      if (kind != nullptr && pair.kind != *kind) continue;
      const Sight &a = sights_[pair.first], &b = sights_[pair.second];
      const bool match = a.encoded && b.encoded && same_person(thresholds, a.encodings, b.encodings);
      judged[pair.same ? 1 : 0].emplace_back(&pair, match != pair.same);
    }
    for (std::size_t i = 0; i < 2; ++i) fill(rates[i], judged[i], resamples);
    Json json = Json::object();
    put_rate(json, "fmr", rates[0]);
    put_rate(json, "fnmr", rates[1]);
    return json;
  }

  void fill(Rate& rate, const std::vector<std::pair<const ImagePair*, bool>>& judged,
            const Resamples& resamples) const {
    rate.trials = judged.size();
    rate.errors =
        static_cast<std::size_t>(std::count_if(judged.begin(), judged.end(), [](const auto& j) { return j.second; }));
    if (judged.empty()) return;
    rate.value = static_cast<double>(rate.errors) / static_cast<double>(rate.trials);
    rate.by_person = by_person(judged);
    const auto drawn = resamples.interval([&](std::span<const std::uint16_t> weights) -> std::optional<double> {
      double wrong = 0, all = 0;
      for (const auto& [pair, error] : judged) {
        const std::uint32_t a = person_[pair->first], b = person_[pair->second];
        const double weight = a == b ? weights[a] : double{1} * weights[a] * weights[b];
        all += weight;
        if (error) wrong += weight;
      }
      return all > 0 ? std::optional(wrong / all) : std::nullopt;
    });
    const Interval exact = exact_binomial(rate.errors, rate.trials);
    rate.interval = drawn ? Interval{std::min(drawn->low, exact.low), std::max(drawn->high, exact.high)} : exact;
  }

  // The mean over the people of each one's rate; a pair of two counts for both.
  [[nodiscard]] double by_person(const std::vector<std::pair<const ImagePair*, bool>>& judged) const {
    std::vector<Tally> tallies(people_);
    for (const auto& [pair, error] : judged) {
      std::set<std::uint32_t> both = {person_[pair->first], person_[pair->second]};
      for (const std::uint32_t person : both) {
        ++tallies[person].trials;
        if (error) ++tallies[person].errors;
      }
    }
    double people = 0, sum = 0;
    for (const Tally& t : tallies) {
      if (t.trials == 0) continue;
      people += 1;
      sum += static_cast<double>(t.errors) / static_cast<double>(t.trials);
    }
    return sum / people;
  }

  const PairList& list_;
  std::span<const Sight> sights_;
  const std::optional<EncoderCalibration>& calibration_;
  std::vector<std::uint32_t> person_;
  std::size_t people_ = 0;
};

}  // namespace

Result<PairList> read_pairs(const std::string& csv, const std::string& root) {
  std::ifstream file(csv);
  if (!file) return fail(Errc::not_found, csv + " cannot be read");
  PairList list;
  std::map<std::string, std::size_t> known;
  const auto index_of_file = [&](const std::string& path) {
    const auto [at, fresh] = known.emplace(path, list.files.size());
    if (fresh) list.files.push_back(root + "/" + path);
    return at->second;
  };
  std::size_t number = 0;
  for (std::string line; std::getline(file, line) && number < kLinesMax;) {
    ++number;
    const std::vector<std::string> columns = columns_of(line);
    if (columns.empty()) continue;
    const bool labelled = columns.size() >= 3 && (columns[2] == "0" || columns[2] == "1");
    if (!labelled && number == 1) continue;
    if (!labelled) return fail(Errc::corrupt, fmt::format("{}:{}: expected path,path,0 or 1[,kind]", csv, number));
    const std::size_t first = index_of_file(columns[0]), second = index_of_file(columns[1]);
    list.pairs.push_back({first, second, columns[2] == "1", columns.size() > 3 ? columns[3] : ""});
  }
  if (list.pairs.empty()) return fail(Errc::corrupt, csv + " holds no pair");
  return list;
}

Json judge_pairs(const PairList& list, std::span<const Sight> sights,
                 const std::optional<EncoderCalibration>& calibration) {
  return Pairs(list, sights, calibration).report();
}

}  // namespace faceauth::eval
