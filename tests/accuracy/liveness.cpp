#include <faced/auth/identifier.h>
#include <faced/auth/quality_gate.h>
#include <faced/auth/verifier.h>
#include <faced/util/fd.h>
#include <faced/vision/source.h>
#include <tests/accuracy/dataset.h>
#include <tests/accuracy/liveness.h>
#include <tests/accuracy/workers.h>

#include <fcntl.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <stop_token>

namespace faceauth::eval {
namespace {

constexpr std::size_t kImagesPerAttempt = 5;
constexpr double kClipFps = 30;  // what a replayed clip runs at in the product by default
constexpr int kCurveSteps = 50;

// One attempt to be judged, and what came of it.
struct Case {
  bool attack = false;
  std::string group;                // the sub-folder
  std::string clip;                 // or
  std::vector<std::size_t> images;  // of the list of all images
  bool accepted = false;            // the product would have taken it for live
  double score = 0;                 // the best group's median; zero when nobody was judged
  std::size_t frames = 0, unencoded = 0;
};

VerifierPolicy shipped_policy() {
  Config config;
  config.liveness = LivenessMode::passive;
  return verifier_policy(config);
}

// Matching is not in question: the reference is made of the attempt's own face, so that liveness alone decides.
Secret<Encodings> reference_from(const Sight& sight) {
  Secret<Encodings> reference;
  *reference = sight.encodings;
  return reference;
}

// The largest face counts, whoever stands beside it.
Sight alone(Sight sight) {
  if (sight.encoded && sight.issue == FaceIssue::several_faces) sight.issue = FaceIssue::none;
  return sight;
}

void judge_images(Case& one, std::span<const Sight> sights) {
  std::vector<Sight> good;
  for (const std::size_t i : one.images) {
    if (!sights[i].encoded) ++one.unencoded;
    if (Sight sight = alone(sights[i]); sight.encoded && gate_for_login(sight) == FaceIssue::none)
      good.push_back(sight);
  }
  one.frames = one.images.size();
  if (good.empty()) return;
  // As the product judges photos: all of them are one group and one try.
  VerifierPolicy policy = shipped_policy();
  policy.frames = static_cast<unsigned>(good.size());
  policy.tries = 1;
  policy.spacing = {};
  Attempt attempt(policy, reference_from(good.front()));
  for (const Sight& sight : good) one.accepted = attempt.observe(sight, Steady{}) == Verdict::match;
  if (attempt.score()) one.score = double{attempt.score()->liveness};
}

// From the clip's start until the product would have its verdict or its patience ends.
Result<void> judge_clip(Case& one, LazyAnalyser& lazy) {
  Result<vision::Analyser*> analyser = lazy.get();
  if (!analyser) return fail(std::move(analyser));
  const std::stop_source never;
  vision::OpenedSource source =
      vision::open_clip(Fd(::open(one.clip.c_str(), O_RDONLY | O_CLOEXEC)), never.get_token());
  if (!source) return fail(std::move(source));
  std::optional<Attempt> attempt;
  const auto patience = static_cast<std::size_t>(std::chrono::duration<double>(Config{}.timeout).count() * kClipFps);
  while (one.frames < patience) {
    const Result<vision::CapturedFrame> frame =
        (*source)->next(std::chrono::steady_clock::now() + std::chrono::seconds(1));
    if (!frame) break;
    const auto captured = Steady(std::chrono::duration_cast<Steady::duration>(
        std::chrono::duration<double>(static_cast<double>(++one.frames) / kClipFps)));
    const Sight sight =
        alone((*analyser)->analyse(frame->bgr, {.encode = true, .liveness = true, .largest_only = true}));
    if (!sight.encoded) ++one.unencoded;
    if (!attempt && !sight.encoded) continue;
    if (!attempt) attempt.emplace(shipped_policy(), reference_from(sight));
    const std::optional<Verdict> verdict = attempt->observe(sight, captured);
    if (attempt->score()) one.score = std::max(one.score, double{attempt->score()->liveness});
    one.accepted = verdict == Verdict::match;
    if (verdict) break;
  }
  return {};
}

// The attempts of one folder; its images join the list of all.
void add_folder(const std::string& folder, bool attack, std::vector<Case>& cases, std::vector<std::string>& images) {
  std::vector<std::string> others;
  const std::string group = std::filesystem::path(folder).filename().string();
  const std::vector<std::string> pictures = pictures_in(folder, others);
  for (const std::string& path : others)
    if (is_clip(path)) cases.push_back({.attack = attack, .group = group, .clip = path, .images = {}});
  for (std::size_t from = 0; from + kImagesPerAttempt <= pictures.size(); from += kImagesPerAttempt) {
    Case one{.attack = attack, .group = group, .clip = {}, .images = {}};
    for (std::size_t i = from; i < from + kImagesPerAttempt; ++i) {
      one.images.push_back(images.size());
      images.push_back(pictures[i]);
    }
    cases.push_back(std::move(one));
  }
}

struct Count {
  std::size_t attacks = 0, accepted_attacks = 0, real = 0, refused_real = 0;
};

Count count(std::span<const Case> cases, const std::function<bool(const Case&)>& accepted) {
  Count c;
  for (const Case& one : cases) {
    ++(one.attack ? c.attacks : c.real);
    if (one.attack && accepted(one)) ++c.accepted_attacks;
    if (!one.attack && !accepted(one)) ++c.refused_real;
  }
  return c;
}

std::optional<double> share(std::size_t part, std::size_t whole) {
  return whole > 0 ? std::optional(static_cast<double>(part) / static_cast<double>(whole)) : std::nullopt;
}

void put(Json& json, const std::string& name, std::size_t errors, std::size_t trials) {
  json[name] = json_of(share(errors, trials));
  json[name + "_ci"] = trials > 0 ? json_of(std::optional(exact_binomial(errors, trials))) : Json(nullptr);
  json[name + "_errors"] = errors;
  json[name + "_trials"] = trials;
}

Json report(std::span<const Case> cases) {
  const auto shipped = [](const Case& one) { return one.accepted; };
  const Count all = count(cases, shipped);
  Json json = {{"attacks", all.attacks}, {"real", all.real}};
  put(json, "apcer", all.accepted_attacks, all.attacks);
  put(json, "bpcer", all.refused_real, all.real);
  std::size_t frames = 0, unencoded = 0;
  std::map<std::string, std::vector<Case>> groups;
  for (const Case& one : cases) {
    frames += one.frames;
    unencoded += one.unencoded;
    groups[(one.attack ? "attack/" : "real/") + one.group].push_back(one);
  }
  json["fta"] = json_of(share(unencoded, frames));
  for (const auto& [name, own] : groups) {
    const Count c = count(own, shipped);
    json["groups"][name] = {{"attempts", own.size()}, {"errors", c.accepted_attacks + c.refused_real}};
  }
  json["curve"] = Json::array();
  for (int step = 0; step <= kCurveSteps; ++step) {
    const double threshold = static_cast<double>(step) / kCurveSteps;
    const Count c = count(cases, [threshold](const Case& one) { return one.score > 0 && one.score >= threshold; });
    json["curve"].push_back({{"threshold", threshold},
                             {"apcer", json_of(share(c.accepted_attacks, c.attacks))},
                             {"bpcer", json_of(share(c.refused_real, c.real))}});
  }
  return json;
}

}  // namespace

Result<Json> judge_liveness(const EncodeOptions& options, const std::string& directory) {
  std::vector<Case> cases;
  std::vector<std::string> images;
  for (const bool attack : {false, true}) {
    const std::string side = directory + (attack ? "/attack" : "/real");
    add_folder(side, attack, cases, images);
    for (const std::string& folder : folders_in(side)) add_folder(folder, attack, cases, images);
  }
  if (cases.empty())
    return fail(Errc::not_found, directory + " holds no clip and no folder of five images under real/ or attack/");
  Result<std::vector<Sight>> sights = encode_files(options, images, Way{.liveness = true});
  if (!sights) return fail(std::move(sights));
  Result<void> judged = for_each_item(options.models, options.jobs, "judging", cases.size(),
                                      [&](LazyAnalyser& analyser, std::size_t i) -> Result<void> {
                                        if (!cases[i].clip.empty()) return judge_clip(cases[i], analyser);
                                        judge_images(cases[i], *sights);
                                        return {};
                                      });
  if (!judged) return fail(std::move(judged));
  return report(cases);
}

std::vector<RateCurve> curves_of(const Json& liveness) {
  std::vector<RateCurve> curves = {{"attacks accepted (APCER)", {}}, {"live people refused (BPCER)", {}}};
  for (const Json& point : liveness.at("curve"))
    for (std::size_t i = 0; i < curves.size(); ++i) {
      const Json& rate = point.at(i == 0 ? "apcer" : "bpcer");
      if (!rate.is_null()) curves[i].points.emplace_back(point.at("threshold").get<double>(), rate.get<double>());
    }
  return curves;
}

}  // namespace faceauth::eval
