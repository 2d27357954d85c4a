#include <faced/auth/adaptation.h>
#include <faced/auth/decision.h>
#include <faced/auth/encoding_math.h>
#include <faced/auth/identifier.h>
#include <faced/auth/verifier.h>
#include <tests/accuracy/attempts.h>
#include <tests/accuracy/levels.h>

#include <array>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace faceauth::eval {
namespace {

using Images = std::span<const std::size_t>;

// A mean and the frames it was made of. Plain memory: a report holds thousands, and guarded pages are few.
struct Probe {
  std::uint32_t person;
  Encodings mean;
  std::vector<const Encodings*> frames;  // those that were encoded
};

struct Enrolled {
  std::uint32_t person;
  std::optional<Encodings> reference;  // nothing when no template could be made
  std::vector<const Encodings*> core;  // what it is the mean of
};

// The reference with the means that have joined so far.
std::optional<Encodings> widened(const Enrolled& enrolled, std::span<const Encodings* const> joined) {
  if (joined.empty() || !enrolled.reference) return std::nullopt;
  Encodings sum{};
  for (const Encodings* e : enrolled.core) encoding_math::add(sum, *e);
  for (const Encodings* e : joined) encoding_math::add(sum, *e);
  return encoding_math::to_mean(sum, enrolled.core.size() + joined.size()) ? std::optional(sum) : std::nullopt;
}

class Trial {
 public:
  Trial(const Dataset& data, std::span<const Sight> enrolled, std::span<const Sight> seen, const AttemptsPlan& plan)
      : data_(data), enrolled_(enrolled), seen_(seen), plan_(plan), resamples_(data.people.size()) {
    for (const MatchLevel level : kAllLevels) rules_[index_of(level)] = match_thresholds(level, plan.calibration);
    for (std::uint32_t i = 0; i < data.people.size(); ++i) split(i);
  }

  AttemptsReport report() {
    AttemptsReport out;
    Json& json = out.json;
    json["people"] = templates_.size();
    const Crossing crossing = this->crossing();
    std::size_t genuine = 0;
    for (const Enrolled& e : templates_) genuine += attempts_of_[e.person];
    json["genuine"] = genuine;
    json["impostor"] = static_cast<std::size_t>(crossing.trials());
    json["templates"] = plan_.templates;
    json["frames"] = plan_.frames;
    judge_all();
    for (const MatchLevel level : kAllLevels) {
      Json& at = json["levels"][name_of(level)];
      put_rate(at, "far", impostor_rate(crossing, accepted_[index_of(level)], resamples_));
      put_rate(at, "frr", genuine_rate(own_[index_of(level)], resamples_));
    }
    rank(out);
    return out;
  }

 private:
  // The first K of somebody with enough images are enrolled; the rest, or all of others, are attempts of N.
  void split(std::uint32_t person) {
    const Images images = data_.people[person].images;
    std::size_t from = 0;
    if (images.size() >= plan_.templates + plan_.frames) {
      const Images core = images.first(plan_.templates);
      templates_.push_back({person, reference_from(core), {}});
      for (const std::size_t i : core)
        if (enrolled_[i].encoded && encoding_math::usable(enrolled_[i].encodings))
          templates_.back().core.push_back(&enrolled_[i].encodings);
      from = plan_.templates;
    }
    attempts_of_.push_back((images.size() - from) / plan_.frames);
    for (std::size_t i = 0; i < attempts_of_.back(); ++i, from += plan_.frames)
      probes_.push_back(probe_from(person, images.subspan(from, plan_.frames)));
  }

  [[nodiscard]] std::optional<Encodings> reference_from(Images images) const {
    std::vector<Template> templates;
    for (const std::size_t i : images) {
      if (!enrolled_[i].encoded) continue;
      templates.emplace_back();
      *templates.back().encodings = enrolled_[i].encodings;
    }
    const auto reference = reference_of(templates, "", "");
    return reference ? std::optional(**reference) : std::nullopt;
  }

  [[nodiscard]] Probe probe_from(std::uint32_t person, Images images) const {
    Probe probe{person, {}, {}};
    std::vector<const Sight*> sights;
    for (const std::size_t i : images) {
      if (!seen_[i].encoded) continue;
      sights.push_back(&seen_[i]);
      probe.frames.push_back(&seen_[i].encodings);
    }
    probe.mean = *mean_of(sights);
    return probe;
  }

  void judge_all() {
    for (auto& own : own_) own.resize(data_.people.size());
    for (const Enrolled& e : templates_) {
      const std::vector<const Encodings*> joined = judge_own(e);
      const std::optional<Encodings> wide = widened(e, joined);
      for (const Probe& p : probes_)
        if (p.person != e.person) judge(e, p, wide);
    }
  }

  // His own attempts, one after the other; what has joined by the end.
  std::vector<const Encodings*> judge_own(const Enrolled& enrolled) {
    std::vector<const Encodings*> joined;
    for (const Probe& probe : probes_) {
      if (probe.person != enrolled.person) continue;
      judge(enrolled, probe, widened(enrolled, joined));
      const bool strong = plan_.adapt > 0 && enrolled.reference && !probe.frames.empty() &&
                          same_person(rules_[index_of(MatchLevel::strict)], probe.mean, *enrolled.reference);
      if (!strong) continue;
      if (joined.size() >= plan_.adapt) joined.erase(joined.begin());
      joined.push_back(&probe.mean);
    }
    return joined;
  }

  // An attempt without an encoding, or against nobody's template, is refused.
  void judge(const Enrolled& enrolled, const Probe& probe, const std::optional<Encodings>& wide) {
    const auto from = [&](const Encodings& reference) {
      return compare(probe.mean, farthest_of(probe.frames, reference), reference);
    };
    Distances distances;
    if (enrolled.reference && !probe.frames.empty()) {
      distances.core = from(*enrolled.reference);
      if (wide) distances.widened = from(*wide);
    }
    for (std::size_t level = 0; level < kLevels; ++level) {
      const bool match = admits(rules_[level], distances);
      if (enrolled.person == probe.person) {
        ++own_[level][enrolled.person].trials;
        if (!match) ++own_[level][enrolled.person].errors;
      } else if (match) {
        accepted_[level].push_back({enrolled.person, probe.person, 1});
      }
    }
  }

  // What the distance would give at any threshold.
  void rank(AttemptsReport& out) const {
    std::vector<GenuinePair> genuine;
    std::vector<ImpostorPair> impostors;
    Histogram histogram{};
    WeightedHistogram by_person{};
    const std::vector<double> trials_of = crossing().trials_of_each();
    for (const Enrolled& e : templates_)
      for (const Probe& p : probes_) {
        const float distance = e.reference ? encoding_math::feature_distance(p.mean, *e.reference)
                                           : std::numeric_limits<float>::infinity();
        if (e.person == p.person) {
          genuine.push_back({distance, e.person});
          for (const Encodings* frame : p.frames)
            if (e.reference) out.own_frames.push_back(encoding_math::feature_distance(*frame, *e.reference));
          continue;
        }
        impostors.push_back({distance, e.person, p.person});
        ++histogram[bin_of(distance)];
        by_person[bin_of(distance)] += 1 / trials_of[e.person];
      }
    Ranking ranking(std::move(genuine), std::move(impostors), histogram, by_person, crossing());
    out.json["feature"] = json_of(ranking, resamples_);
    out.rankings.push_back({"feature", std::move(ranking)});
  }

  [[nodiscard]] Crossing crossing() const {
    Crossing crossing{std::vector<double>(data_.people.size()), std::vector<double>(data_.people.size()), false};
    for (const Enrolled& e : templates_) crossing.left[e.person] = 1;
    for (std::size_t i = 0; i < attempts_of_.size(); ++i) crossing.right[i] = static_cast<double>(attempts_of_[i]);
    return crossing;
  }

  const Dataset& data_;
  std::span<const Sight> enrolled_, seen_;
  AttemptsPlan plan_;
  std::array<MatchThresholds, kLevels> rules_;
  Resamples resamples_;
  std::vector<Enrolled> templates_;
  std::vector<Probe> probes_;
  std::vector<std::size_t> attempts_of_;
  std::array<std::vector<PairErrors>, kLevels> accepted_;
  std::array<std::vector<Tally>, kLevels> own_;
};

}  // namespace

AttemptsReport judge_attempts(const Dataset& data, std::span<const Sight> enrolled, std::span<const Sight> seen,
                              const AttemptsPlan& plan) {
  return Trial(data, enrolled, seen, plan).report();
}

}  // namespace faceauth::eval
