#include <faced/auth/challenge.h>
#include <faced/auth/identifier.h>
#include <faced/auth/verifier.h>
#include <faced/vision/fingerprint.h>
#include <tests/accuracy/clip.h>
#include <tests/accuracy/dataset.h>
#include <tests/accuracy/liveness.h>
#include <tests/accuracy/workers.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <span>

namespace faceauth::eval {
namespace {

constexpr std::size_t kImagesPerAttempt = 5;
constexpr double kImagesFps = 2;  // photos of a folder lie apart
constexpr double kClipFps = 30;   // what a replayed clip runs at in the product by default
constexpr int kCurveSteps = 50;

// One attempt to be judged, and what came of it.
struct Case {
  bool attack = false;
  std::string group;                // the sub-folder
  std::string clip;                 // or
  std::vector<std::size_t> images;  // of the list of all images
  bool accepted = false;            // the product would have taken it for live
  double score = 0;                 // the best group's liveness; zero when nobody was judged
  std::size_t frames = 0, unencoded = 0;
  std::size_t challenges = 0, obeyed = 0;  // of clips, with liveness "active"
};

VerifierPolicy shipped_policy() {
  Config config;
  config.liveness = LivenessMode::passive;
  return verifier_policy(config);
}

// Matching is not in question: the reference is the attempt's own face, and every distance will do.
VerifierPolicy anybody() {
  VerifierPolicy policy = shipped_policy();
  policy.thresholds = {.feature = 2, .dlib = 10};
  policy.attention = {};
  return policy;
}

Secret<Encodings> face_in(std::span<const Sight> sights) {
  std::vector<const Sight*> views;
  for (const Sight& sight : sights)
    if (sight.encoded) views.push_back(&sight);
  return mean_of(views);
}

Steady at(std::size_t frame, double fps) {
  return Steady(
      std::chrono::duration_cast<Steady::duration>(std::chrono::duration<double>(static_cast<double>(frame) / fps)));
}

// As a login watches them, until it has its verdict.
void judge(Case& one, std::span<const Sight> sights, double fps) {
  one.frames = sights.size();
  one.unencoded = not_encoded(sights);
  Attempt attempt(anybody(), face_in(sights));
  for (std::size_t i = 0; i < sights.size(); ++i) {
    const std::optional<Verdict> verdict = attempt.observe(sights[i], at(i, fps));
    if (attempt.score()) one.score = std::max(one.score, double{attempt.score()->liveness});
    one.accepted = verdict == Verdict::match;
    if (verdict) break;
  }
}

// The clip over and over against every order of movements.
void challenge(Case& one, std::span<const Sight> sights) {
  Config config;
  config.liveness = LivenessMode::active;
  ChallengePolicy policy = challenge_policy(config);
  policy.login = anybody();
  policy.login.liveness = false;  // the clip is seen again and again, and judged for that by the rest
  policy.moving_feature = 2;
  std::set<Movements> orders;
  for (int byte = 0; byte < 256; ++byte)
    orders.insert(movements_for(config, Intent::none, static_cast<std::uint8_t>(byte)));
  for (const Movements& order : orders) {
    Challenge challenge(policy, order, face_in(sights));
    const auto frames = static_cast<std::size_t>(std::chrono::duration<double>(time_for(order)).count() * kClipFps);
    for (std::size_t i = 0; i < frames && challenge.state() == Challenge::State::running; ++i)
      challenge.observe(sights[i % sights.size()], at(i, kClipFps));
    ++one.challenges;
    if (challenge.state() == Challenge::State::passed) ++one.obeyed;
  }
}

// From the clip's start until it ends or a login's patience does.
Result<void> judge_clip(Case& one, LazyAnalyser& lazy) {
  Result<vision::Analyser*> analyser = lazy.get();
  if (!analyser) return fail(std::move(analyser));
  std::vector<Sight> sights;
  std::uint64_t first = 0;
  const auto patience = static_cast<std::size_t>(std::chrono::duration<double>(Config{}.timeout).count() * kClipFps);
  const Result<void> watched = for_each_frame(one.clip, [&](const cv::Mat& bgr) {
    const std::uint64_t print = vision::fingerprint(bgr);
    if (print == first) return false;  // it began anew
    if (first == 0) first = print;
    sights.push_back((*analyser)->analyse(bgr, {.encode = true, .liveness = true, .largest_only = true}));
    return sights.size() < patience;
  });
  if (!watched) return watched;
  if (sights.empty()) return {};
  judge(one, sights, kClipFps);
  challenge(one, sights);
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
  // The orders of one clip are no independent attempts: the clip is one, and it passes if any order lets it.
  std::size_t challenged = 0, passed_any = 0;
  for (const Case& one : cases) {
    if (!one.attack || one.challenges == 0) continue;
    ++challenged;
    if (one.obeyed > 0) ++passed_any;
  }
  put(json, "active_apcer", passed_any, challenged);
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
                                        std::vector<Sight> own;
                                        for (const std::size_t image : cases[i].images) own.push_back((*sights)[image]);
                                        judge(cases[i], own, kImagesFps);
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
