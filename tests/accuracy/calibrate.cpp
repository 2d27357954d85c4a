#include <tests/accuracy/calibrate.h>
#include <tests/accuracy/levels.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>
#include <utility>

namespace faceauth::eval {
namespace {

// A rate is seen when so many attempts of strangers may pass; one alone says little about where the next would lie.
constexpr double kSeen = 3;
constexpr std::array kDecades = {1e-2, 1e-3, 1e-4, 1e-5};
// One frame by itself speaks against its group only when it is farther than this share of people's own frames.
constexpr double kOwnFrames = 0.999;
// 1:N: the next user must be less likely by about a factor of six.
constexpr float kMarginInDecades = 0.75F;
constexpr float kThresholdMost = 1.3F, kSingleFrameMost = 1.4F;
constexpr float kGrain = 1000;  // three digits are kept
// Beyond, the encoder does not see what it was made to see.
constexpr double kFrrMost = 0.5;

float rounded_down(float value) { return std::floor(value * kGrain) / kGrain; }
float rounded_up(float value) { return std::ceil(value * kGrain) / kGrain; }

bool seen(const Ranking& ranking, double far) { return far * ranking.impostor_trials() >= kSeen; }

// The widest step by which distances shrink for a tenth of the rate.
std::optional<float> per_decade(const Ranking& ranking) {
  std::optional<float> widest;
  for (std::size_t i = 0; i + 1 < kDecades.size() && seen(ranking, kDecades[i + 1]); ++i) {
    const auto from = ranking.threshold(kDecades[i]), to = ranking.threshold(kDecades[i + 1]);
    if (from && to) widest = std::max(widest.value_or(0), *from - *to);
  }
  return widest;
}

struct Threshold {
  float value;
  bool extrapolated;
};

// Where the attempts are too few for the rate, the last one that they show is carried on.
Threshold threshold_for(const Ranking& ranking, double far, float decade) {
  if (seen(ranking, far)) return {ranking.threshold(far).value_or(0), false};
  const double least = kSeen / ranking.impostor_trials();
  return {ranking.threshold(least).value_or(0) - decade * static_cast<float>(std::log10(least / far)), true};
}

float own_frames_within(std::span<const FittedSet> sets) {
  std::vector<float> frames;
  for (const FittedSet& set : sets)
    frames.insert(frames.end(), set.report->own_frames.begin(), set.report->own_frames.end());
  if (frames.empty()) return 0;
  const auto at = static_cast<std::size_t>(std::ceil(kOwnFrames * static_cast<double>(frames.size()))) - 1;
  std::nth_element(frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(at), frames.end());
  return frames[at];
}

const Ranking& ranking_of(const FittedSet& set) { return set.report->rankings.front().ranking; }

std::size_t images_of(const Dataset& data) { return data.files.size(); }

Json json_of(const EncoderCalibration& c) {
  return {{"convenient", c.convenient}, {"balanced", c.balanced},         {"strict", c.strict},
          {"per_decade", c.per_decade}, {"single_frame", c.single_frame}, {"identify_margin", c.identify_margin}};
}

// The half of the people, with their encodings.
People half(const People& all, Half which) {
  People part{all.name, all.data, {}};
  keep_half(part.data, which);
  std::vector<std::size_t> kept;
  for (const Person& person : all.data.people)
    if (which == Half::all || half_of(person.name) == which)
      kept.insert(kept.end(), person.images.begin(), person.images.end());
  for (const std::size_t i : kept) part.sights.push_back(all.sights[i]);
  return part;
}

AttemptsReport attempts_of(const People& people, const AttemptsPlan& plan) {
  return judge_attempts(people.data, people.sights, people.sights, plan);
}

}  // namespace

Result<Fit> fit_calibration(std::span<const FittedSet> sets) {
  const std::optional<float> decade = per_decade(ranking_of(sets.front()));
  if (!decade)
    return fail(Errc::not_found,
                fmt::format("{:.0f} attempts of strangers are too few to see one in 1,000: more people, "
                            "or more pictures of them, are needed",
                            ranking_of(sets.front()).impostor_trials()));
  Fit fit;
  EncoderCalibration& c = fit.calibration;
  c.per_decade = std::max(rounded_up(*decade), 1 / kGrain);
  const std::array<float*, kLevels> levels = {&c.convenient, &c.balanced, &c.strict};
  for (std::size_t i = 0; i < kLevels; ++i) {
    const Threshold own = threshold_for(ranking_of(sets.front()), kFarTargets[i], c.per_decade);
    *levels[i] = std::min(own.value, kThresholdMost);
    if (own.extrapolated) fit.extrapolated.emplace_back(name_of(kAllLevels[i]));
    for (const FittedSet& set : sets.subspan(1))
      *levels[i] =
          std::min(*levels[i], threshold_for(ranking_of(set), kFarTargets[i] * set.factor, c.per_decade).value);
    *levels[i] = rounded_down(*levels[i]);
    if (i > 0) *levels[i] = std::min(*levels[i], *levels[i - 1]);
  }
  if (!(c.strict > 0)) return fail(Errc::corrupt, "the encoder does not tell these people apart");
  c.single_frame =
      std::min(std::max(rounded_up(own_frames_within(sets)), c.convenient + c.per_decade), kSingleFrameMost);
  c.identify_margin = std::max(rounded_up(kMarginInDecades * c.per_decade), 1 / kGrain);
  return fit;
}

Result<Calibrated> calibrate(const People& main, std::span<const People> groups, AttemptsPlan plan) {
  const People fitted = half(main, Half::fit), held_out = half(main, Half::report);
  std::vector<AttemptsReport> reports;
  reports.push_back(attempts_of(fitted, plan));
  for (const People& group : groups) reports.push_back(attempts_of(group, plan));
  std::vector<FittedSet> sets;
  for (const AttemptsReport& report : reports) sets.push_back({&report, sets.empty() ? 1 : kHardestGroup});
  const Result<Fit> fit = fit_calibration(sets);
  if (!fit) return tl::unexpected<Error>(fit.error());

  Calibrated made;
  made.calibration = fit->calibration;
  made.people = fitted.data.people.size();
  made.images = images_of(fitted.data);
  for (const People& group : groups) {
    made.people += group.data.people.size();
    made.images += images_of(group.data);
  }
  plan.calibration = fit->calibration;
  made.json["fitted_on"] = {{"people", made.people}, {"images", made.images}};
  made.json["thresholds"] = json_of(fit->calibration);
  made.json["extrapolated"] = fit->extrapolated;
  made.json["held_out"] = attempts_of(held_out, plan).json;
  for (const People& group : groups) made.json["groups"][group.name] = attempts_of(group, plan).json;
  const Json& frr = made.json["held_out"]["levels"][name_of(MatchLevel::balanced)]["frr"];
  if (frr.is_null() || frr.get<double>() > kFrrMost)
    return fail(Errc::corrupt, frr.is_null()
                                   ? "the half of the people that is held out has too few pictures for one attempt"
                                   : "more than half of the genuine attempts would be refused: is what the "
                                     "description says of the network's input right?");
  return made;
}

std::string calibration_block(const Encoder& encoder, const Calibrated& made, const std::string& date,
                              const std::string& data) {
  const EncoderCalibration& c = made.calibration;
  std::string block = fmt::format(
      "[calibration]                         # by faceauth-eval calibrate\n"
      "encoder         = \"{}\"\ndata            = \"{}\"\npeople          = {}\nimages          = {}\n"
      "date            = \"{}\"\n",
      encoder.name(), data, made.people, made.images, date);
  const std::pair<const char*, float> numbers[] = {
      {"convenient", c.convenient}, {"balanced", c.balanced},         {"strict", c.strict},
      {"per_decade", c.per_decade}, {"single_frame", c.single_frame}, {"identify_margin", c.identify_margin}};
  for (const auto& [name, value] : numbers) block += fmt::format("{:<15} = {:.3f}\n", name, value);
  for (const Json& level : made.json.value("extrapolated", Json::array()))
    block += fmt::format("# {}: carried on from the least rate that these people show\n", level.get<std::string>());
  return block;
}

std::string with_block(const std::string& description, const std::string& block) {
  std::istringstream lines(description);
  std::string out;
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) inside = line.starts_with("[calibration]");
    if (!inside) out += line + "\n";
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out + (out.empty() || block.empty() ? "" : "\n") + block;
}

}  // namespace faceauth::eval
