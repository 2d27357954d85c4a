#include <faced/auth/encoding_math.h>
#include <faced/auth/quality_gate.h>
#include <faced/auth/thresholds.h>
#include <faced/auth/verifier.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace faceauth {
namespace {

// After a group that failed, so many spacings pass before the next begins: tries should see different moments, and
// somebody who is still turning to the camera should not use up all of them at once.
constexpr int kSpacingsBetweenTries = 6;

// Of a group with an even number of frames the lower middle one: the doubt is the attacker's.
float median(std::vector<float> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Of both crops: where one of them is in doubt about a real face, the other seldom is.
float likelihood(const Sight& sight) { return (sight.liveness + sight.liveness_near) / 2; }

}  // namespace

VerifierPolicy verifier_policy(const Config& config, Modality modality) {
  VerifierPolicy policy;
  policy.thresholds = match_thresholds(config);
  policy.liveness = config.liveness != LivenessMode::off;
  policy.network = modality == Modality::color;
  policy.liveness_min = thresholds::kLivenessMin;
  policy.liveness_min_tight = thresholds::kLivenessMinTight;
  policy.surroundings = thresholds::kSurroundings;
  policy.attention = attention_policy(config, modality);
  return policy;
}

VerifierPolicy login_policy(const Config& config, std::size_t place, Modality modality) {
  VerifierPolicy policy = verifier_policy(config, modality);
  if (!policy.liveness && config.camera_at(place).gives_on_demand()) policy.spacing = {};
  return policy;
}

FaceIssue frame_issue(const VerifierPolicy& policy, const Sight& sight) {
  const FaceIssue issue = gate_for_login(sight);
  return issue == FaceIssue::none ? attention_issue(policy.attention, sight) : issue;
}

bool frame_is_live(const VerifierPolicy& policy, const Sight& sight) {
  if (!policy.liveness) return true;
  if (!sight.liveness_measured || !(sight.emitter >= policy.emitter_least)) return false;
  const float least = sight.surroundings >= policy.surroundings ? policy.liveness_min : policy.liveness_min_tight;
  return !policy.network || likelihood(sight) >= least;
}

FaceIssue liveness_advice(const VerifierPolicy& policy, const Sight& sight) {
  const bool tight = policy.network && sight.liveness_measured && sight.surroundings < policy.surroundings;
  return tight && !frame_is_live(policy, sight) ? FaceIssue::too_close : FaceIssue::none;
}

Attempt::Attempt(const VerifierPolicy& policy, References references)
    : policy_(policy), references_(std::move(references)) {
  policy_.frames = std::max(policy_.frames, 1U);
  policy_.tries = std::max(policy_.tries, 1U);
  if (references_.core.empty()) references_ = {Secret<Encodings>(), std::nullopt};  // zeros match nobody
}

std::optional<Verdict> Attempt::observe(const Sight& sight, Steady captured) {
  if (verdict_) return verdict_;
  ++frames_;
  last_issue_ = frame_issue(policy_, sight);
  count_issue();
  if (last_issue_ != FaceIssue::none) return verdict_;
  last_issue_ = liveness_advice(policy_, sight);
  if (!is_fresh(sight, captured) || !counts(sight, captured)) return verdict_;
  if (in_group_ == 0) began_ = captured;
  last_counted_ = captured;
  encoding_math::add(*sum_, sight.encodings);
  if (frame_is_live(policy_, sight)) {
    encoding_math::add(*live_sum_, sight.encodings);
    ++live_in_group_;
    if (policy_.liveness && gate_for_enrolment(sight) == FaceIssue::none) ++graded_in_group_;
  }
  farthest_ = std::max(farthest_, encoding_math::feature_distance(sight.encodings, *references_.core));
  if (references_.widened)
    farthest_wide_ = std::max(farthest_wide_, encoding_math::feature_distance(sight.encodings, **references_.widened));
  if (policy_.network && sight.liveness_measured && std::isfinite(likelihood(sight)))
    liveness_.push_back(likelihood(sight));
  if (++in_group_ < policy_.frames) return std::nullopt;
  judge_group();
  return verdict_;
}

void Attempt::count_issue() {
  switch (last_issue_) {
    case FaceIssue::none:
      ++good_;
      break;
    case FaceIssue::no_face:
      ++empty_;
      break;
    case FaceIssue::several_faces:
      ++crowded_;
      break;
    case FaceIssue::unreadable:
    case FaceIssue::too_large:
    case FaceIssue::too_small:
    case FaceIssue::too_dark:
    case FaceIssue::too_bright:
    case FaceIssue::blurred:
    case FaceIssue::turned_away:
    case FaceIssue::too_close:
    case FaceIssue::eyes_shut:
      ++poor_;
      break;
  }
}

// A camera that shows an earlier picture again to the last bit plays something back; that ends the attempt as a
// refusal. One that goes on showing the last picture ends it too, but a driver that hands out one buffer for ever looks
// like that as well, and what it shows fills no group: nothing was compared, nobody learns anything, and nobody pays.
bool Attempt::is_fresh(const Sight& sight, Steady captured) {
  if (!policy_.liveness || !sight.encoded) return true;
  const Repetition::Kind kind = repetition_.look(sight.fingerprint, captured);
  if (kind == Repetition::Kind::played_back) {
    ++judged_groups_;
    verdict_ = refusal_ = Verdict::not_live;
  } else if (kind == Repetition::Kind::frozen) {
    verdict_ = judged() ? refusal_ : Verdict::camera_unavailable;
  }
  return kind == Repetition::Kind::fresh;
}

bool Attempt::counts(const Sight& sight, Steady captured) const {
  if (!sight.encoded || !encoding_math::usable(sight.encodings)) return false;
  if (policy_.liveness && !(sight.liveness_measured && likelihood(sight) >= 0 && likelihood(sight) <= 1)) return false;
  const bool next_try = in_group_ == 0;
  return !last_counted_ || captured - *last_counted_ >= policy_.spacing * (next_try ? kSpacingsBetweenTries : 1);
}

Distances Attempt::distances_of(Secret<Encodings>& sum, unsigned frames) const {
  if (!encoding_math::to_mean(*sum, frames)) return {};
  Distances distances{compare(*sum, farthest_, *references_.core), std::nullopt};
  if (references_.widened) distances.widened = compare(*sum, farthest_wide_, **references_.widened);
  return distances;
}

void Attempt::judge_group() {
  const Distances all = distances_of(sum_, in_group_), alive = distances_of(live_sum_, live_in_group_);
  const bool same = admits(policy_.thresholds, all), live_same = admits(policy_.thresholds, alive);
  // Of the reference that decided.
  const auto shown = [&](const Distances& d, bool admitted) {
    return admitted && !accepts(policy_.thresholds, d.core) ? *d.widened : d.core;
  };
  MatchScore score{.feature = shown(all, same).feature, .dlib = shown(all, same).dlib};
  score.liveness_measured = liveness_.size() == in_group_;
  if (score.liveness_measured) score.liveness = median(liveness_);

  const bool live = 2 * live_in_group_ > in_group_;
  if (live && same && !live_same)
    score = {alive.core.feature, alive.core.dlib, score.liveness_measured, score.liveness};
  score_ = score;
  ++judged_groups_;
  if (same && live && live_same) {
    verdict_ = Verdict::match;
    if (graded_in_group_ == in_group_) candidate_ = sum_.clone();
  } else {
    refusal_ = same && !live ? Verdict::not_live : Verdict::no_match;
    if (judged_groups_ >= policy_.tries) verdict_ = refusal_;
  }
  for (Secret<Encodings>* sum : {&sum_, &live_sum_}) wipe(sum->bytes().data(), sum->bytes().size());
  in_group_ = live_in_group_ = graded_in_group_ = 0;
  farthest_ = farthest_wide_ = 0;
  liveness_.clear();
}

void Attempt::look_again() {
  if (verdict_ != Verdict::match) return;
  verdict_.reset();
  candidate_.reset();
  judged_groups_ = 0;
}

Verdict Attempt::conclude() const {
  if (verdict_) return *verdict_;
  if (judged_groups_ > 0) return refusal_;
  const std::uint32_t objected = crowded_ + poor_;
  if (objected == 0) return empty_ > good_ ? Verdict::no_face : Verdict::timeout;
  if (good_ > objected) return Verdict::timeout;
  return crowded_ > poor_ ? Verdict::multiple_faces : Verdict::poor_quality;
}

bool Attempt::judged() const { return judged_groups_ > 0; }

std::optional<MatchScore> Attempt::score() const { return score_; }

FaceIssue Attempt::last_issue() const { return last_issue_; }

std::uint32_t Attempt::frames() const { return frames_; }

const Repetition& Attempt::repetition() const { return repetition_; }

}  // namespace faceauth
