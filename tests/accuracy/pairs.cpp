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

// Pairs of the same and of different people are each cut into ten runs in file order, as the official list has them.
Json ten_folds(const std::vector<Measured>& pairs) {
  std::vector<std::vector<Measured>> folds(kFolds);
  for (const bool same : {true, false}) {
    std::vector<Measured> kind;
    std::copy_if(pairs.begin(), pairs.end(), std::back_inserter(kind),
                 [same](const Measured& m) { return m.same == same; });
    for (std::size_t i = 0; i < kind.size(); ++i) folds[i * kFolds / kind.size()].push_back(kind[i]);
  }
  if (std::any_of(folds.begin(), folds.end(), [](const auto& fold) { return fold.empty(); })) return nullptr;
  std::vector<double> accuracies;
  double sum = 0, squares = 0;
  for (std::size_t held = 0; held < kFolds; ++held) {
    std::vector<Measured> others;
    for (std::size_t fold = 0; fold < kFolds; ++fold)
      if (fold != held) others.insert(others.end(), folds[fold].begin(), folds[fold].end());
    const double one = accuracy(folds[held], best_threshold(std::move(others)));
    sum += one;
    squares += one * one;
  }
  const double mean = sum / kFolds, variance = std::max(0.0, squares / kFolds - mean * mean) * kFolds / (kFolds - 1);
  return {{"accuracy", mean}, {"accuracy_se", std::sqrt(variance / kFolds)}};
}

class Pairs {
 public:
  Pairs(const PairList& list, std::span<const Sight> sights) : list_(list), sights_(sights) {
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
    json["recognisers"]["feature"] = ten_folds(measured(&encoding_math::feature_distance));
    json["recognisers"]["dlib"] = ten_folds(measured(&encoding_math::dlib_distance));
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
    const MatchThresholds thresholds = match_thresholds(level);
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

  const PairList& list_;
  std::span<const Sight> sights_;
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

Json judge_pairs(const PairList& list, std::span<const Sight> sights) { return Pairs(list, sights).report(); }

}  // namespace faceauth::eval
