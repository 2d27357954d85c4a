#include <faced/auth/challenge.h>
#include <faced/auth/encoding_math.h>
#include <faced/auth/quality_gate.h>
#include <faced/auth/thresholds.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

constexpr std::uint8_t kOrders = 32;  // of three movements: neighbours differ, a turn is among them, one blink at most

// So many frames running show the movement asked for. Of others a step may have fewer, all kinds together: were more
// frames needed to fail than to pass, a recording of short movements would obey every order.
constexpr unsigned kFramesOfMovement = 2, kFramesOfOthers = 2;

constexpr float kRestYawDeg = 20;      // at rest somebody looks about into the camera,
constexpr float kRestSpreadDeg = 6;    // and so little moves from frame to frame
constexpr float kOverlapLeast = 0.2F;  // of the face's boxes in two frames running: less is another face

std::array<Movements, kOrders> all_orders() {
  constexpr std::array kinds = {Movement::turn_left, Movement::turn_right, Movement::nod, Movement::blink};
  std::array<Movements, kOrders> orders;
  std::size_t count = 0;
  for (const Movement a : kinds)
    for (const Movement b : kinds)
      for (const Movement c : kinds) {
        const Movements order = {a, b, c};
        const auto times = [&order](Movement m) { return std::count(order.begin(), order.end(), m); };
        const bool turns = times(Movement::turn_left) + times(Movement::turn_right) > 0;
        if (a != b && b != c && turns && times(Movement::blink) <= 1) orders.at(count++) = order;
      }
  return orders;
}

float overlap(const std::array<float, 4>& a, const std::array<float, 4>& b) {
  const float width = std::min(a[0] + a[2], b[0] + b[2]) - std::max(a[0], b[0]);
  const float height = std::min(a[1] + a[3], b[1] + b[3]) - std::max(a[1], b[1]);
  if (!(width > 0) || !(height > 0)) return 0;
  const float both = width * height;
  return both / (a[2] * a[3] + b[2] * b[3] - both);
}

// One that is not its neighbours'.
Movement instead_of_a_blink(const Movements& movements, std::size_t step) {
  for (const Movement one : {Movement::nod, Movement::turn_left, Movement::turn_right}) {
    const bool before = step > 0 && movements[step - 1] == one;
    const bool after = step + 1 < movements.size() && movements[step + 1] == one;
    if (!before && !after) return one;
  }
  return Movement::nod;
}

// How much farther than a login's mean that of moving frames may be, as a share of the way to what no frame may reach.
float moving_feature_of(const Config& config) {
  constexpr float kShare = (thresholds::kChallengeMovingFeature - thresholds::kFeatureConvenient) /
                           (thresholds::kFeatureSingleFrame - thresholds::kFeatureConvenient);
  static_assert(kShare > 0 && kShare < 1);
  const MatchThresholds widest = match_thresholds(MatchLevel::convenient, config.encoder.calibration);
  return widest.feature + kShare * (widest.single_frame - widest.feature);
}

// Single frames are held against the core one by one.
Distances distances_of(const References& references, const Encodings& mean) {
  Distances distances{compare(mean, 0, *references.core), std::nullopt};
  if (references.widened) distances.widened = compare(mean, 0, **references.widened);
  return distances;
}

void clear(Secret<Encodings>& sum) { wipe(sum.bytes().data(), sum.bytes().size()); }

}  // namespace

ChallengePolicy challenge_policy(const Config& config, Modality modality) {
  ChallengePolicy policy;
  policy.login = verifier_policy(config, modality);
  policy.moving_feature = moving_feature_of(config);
  policy.turn_deg = thresholds::kChallengeTurnDeg;
  policy.nod_deg = thresholds::kChallengeNodDeg;
  policy.shift = thresholds::kChallengeShift;
  policy.eyes_seen = thresholds::kChallengeEyesSeen;
  policy.eyes_shut = thresholds::kChallengeEyesShut;
  policy.eyes_open = thresholds::kChallengeEyesOpen;
  return policy;
}

Movements movements_for(const Config& config, Intent intent, std::uint8_t random) {
  static_assert(256 % kOrders == 0, "each order is as likely as the others");
  if (config.liveness == LivenessMode::active) return all_orders()[random % kOrders];
  if (intent == Intent::gesture) return {Movement::nod};
  return {};
}

milliseconds time_for(const Movements& movements) {
  const ChallengePolicy policy;
  if (movements.empty()) return milliseconds{0};
  return (policy.rest_within + policy.move_within) * static_cast<int>(movements.size()) + policy.rest_within;
}

Challenge::Challenge(const ChallengePolicy& policy, Movements movements, References references, LastSeen last_seen)
    : policy_(policy),
      movements_(std::move(movements)),
      references_(std::move(references)),
      repetition_(std::move(last_seen.repetition)),
      box_(last_seen.box) {
  if (references_.core.empty()) references_ = {Secret<Encodings>(), std::nullopt};  // zeros match nobody
  if (movements_.empty()) fail(Failure::not_as_told);                               // nobody asks for nothing
}

Challenge::State Challenge::fail(Failure why) {
  failure_ = why;
  return state_ = State::failed;
}

Movement Challenge::asked() const {
  return moving_ && step_ < movements_.size() ? movements_[step_] : Movement::look_straight;
}

bool Challenge::has_asked() const { return moving_ || step_ > 0; }

Challenge::State Challenge::observe(const Sight& sight, Steady captured) {
  if (state_ != State::running) return state_;
  if (!seen_) {
    seen_ = captured;
    begin_step(captured);
  }
  if (captured < *seen_) return state_;
  const auto within = moving_ ? policy_.move_within : policy_.rest_within;
  if (captured - *seen_ > policy_.unseen || captured - since_ > within) return fail(Failure::not_as_told);
  if (!usable(sight) || !is_new(sight, captured)) return state_;
  const bool seen_before = box_[2] > 0;
  if (seen_before && overlap(box_, sight.box) < kOverlapLeast) return fail(Failure::not_as_told);
  seen_ = captured;
  box_ = sight.box;
  const float apart = encoding_math::feature_distance(sight.encodings, *references_.core);
  if (!(apart <= policy_.login.thresholds.single_frame)) return fail(Failure::other_face);
  if (moving_)
    move(sight, captured);
  else
    rest(sight, captured);
  return state_;
}

// As at a login, whichever way the head is turned.
bool Challenge::usable(const Sight& sight) const {
  const FaceIssue issue = gate_for_login(sight);
  return (issue == FaceIssue::none || issue == FaceIssue::turned_away) && sight.encoded &&
         encoding_math::usable(sight.encodings);
}

bool Challenge::is_new(const Sight& sight, Steady captured) {
  if (!policy_.login.liveness) return true;
  const Repetition::Kind kind = repetition_.look(sight.fingerprint, captured);
  if (kind == Repetition::Kind::played_back) fail(Failure::not_live);
  if (kind == Repetition::Kind::frozen) fail(Failure::frozen);
  return kind == Repetition::Kind::fresh;
}

void Challenge::begin_step(Steady now) {
  moving_ = false;
  since_ = now;
  resting_ = 0;
  running_ = others_ = 0;
  shut_ = false;
  for (Secret<Encodings>* sum : {&sum_, &moving_sum_}) clear(*sum);
  in_sum_ = in_moving_sum_ = live_in_sum_ = 0;
}

// Three frames running that look about straight and show little movement, and are not what is left of the last one: of
// a turn that is held, the way back would be another movement. After the last movement one frame of the user is enough.
void Challenge::rest(const Sight& sight, Steady now) {
  const bool back = step_ > 0;  // from a movement
  if (const auto what = back ? shown(sight) : std::nullopt; what && *what != movements_[step_ - 1]) ++others_;
  if (others_ >= kFramesOfOthers) {
    fail(Failure::not_as_told);
    return;
  }
  const Head head{sight.quality.yaw_deg, sight.quality.pitch_deg, sight.eyes[0], sight.eyes[1], sight.eyes_open};
  const Head& before = recent_[(resting_ + kRestFrames - 1) % kRestFrames];
  const bool still = resting_ == 0 || (std::fabs(head.yaw - before.yaw) <= kRestSpreadDeg &&
                                       std::fabs(head.pitch - before.pitch) <= kRestSpreadDeg);
  if (!still) resting_ = 0;
  if (std::fabs(head.yaw) > kRestYawDeg || (back && !near_rest(sight))) {
    resting_ = 0;
    return;
  }
  recent_[resting_ % kRestFrames] = head;
  ++resting_;
  if (step_ == movements_.size()) {
    if (admits(policy_.login.thresholds, distances_of(references_, sight.encodings)) &&
        frame_is_live(policy_.login, sight))
      state_ = State::passed;
    return;
  }
  remember(sight);
  if (resting_ >= kRestFrames) ask(now);
}

void Challenge::ask(Steady now) {
  at_rest_ = {};
  for (const Head& one : recent_) {
    at_rest_.yaw += one.yaw / kRestFrames;
    at_rest_.pitch += one.pitch / kRestFrames;
    at_rest_.eyes_x += one.eyes_x / kRestFrames;
    at_rest_.eyes_y += one.eyes_y / kRestFrames;
    at_rest_.eyes_open += one.eyes_open / kRestFrames;
  }
  if (movements_[step_] == Movement::blink && at_rest_.eyes_open < policy_.eyes_seen)
    movements_[step_] = instead_of_a_blink(movements_, step_);
  moving_ = true;
  since_ = now;
}

void Challenge::move(const Sight& sight, Steady now) {
  const bool done = moved(sight);
  if (others_ >= kFramesOfOthers) {
    fail(Failure::not_as_told);
  } else if (!done) {
    if (near_rest(sight)) remember(sight);
  } else if (policy_.login.liveness && 2 * live_in_sum_ <= in_sum_) {
    fail(Failure::not_live);
  } else if (!by_the_user()) {
    fail(Failure::other_face);
  } else {
    ++step_;
    begin_step(now);
  }
}

void Challenge::remember(const Sight& sight) {
  encoding_math::add(*sum_, sight.encodings);
  ++in_sum_;
  if (frame_is_live(policy_.login, sight)) ++live_in_sum_;
}

bool Challenge::near_rest(const Sight& sight) const {
  return std::fabs(sight.quality.yaw_deg - at_rest_.yaw) < policy_.turn_deg &&
         std::fabs(sight.quality.pitch_deg - at_rest_.pitch) < policy_.nod_deg;
}

// Of turns and the nod; a blink takes more than a frame.
std::optional<Movement> Challenge::shown(const Sight& sight) const {
  const float yaw = sight.quality.yaw_deg - at_rest_.yaw, pitch = sight.quality.pitch_deg - at_rest_.pitch;
  const float across = (sight.eyes[0] - at_rest_.eyes_x) / sight.box[3];
  const float down = (sight.eyes[1] - at_rest_.eyes_y) / sight.box[3];
  if (yaw >= policy_.turn_deg && across >= policy_.shift) return Movement::turn_left;
  if (yaw <= -policy_.turn_deg && across <= -policy_.shift) return Movement::turn_right;
  const bool nod = std::fabs(pitch) >= policy_.nod_deg && std::fabs(down) >= policy_.shift &&
                   std::fabs(yaw) < policy_.turn_deg && std::signbit(pitch) != std::signbit(down);
  return nod ? std::optional(Movement::nod) : std::nullopt;
}

// Counts what the frame shows; true when that completes the movement asked for.
bool Challenge::moved(const Sight& sight) {
  const Movement asked = movements_[step_];
  const std::optional<Movement> what = shown(sight);
  if (what && *what != asked) ++others_;
  running_ = what == asked ? running_ + 1 : 0;
  if (what == asked || asked == Movement::blink) {
    encoding_math::add(*moving_sum_, sight.encodings);
    ++in_moving_sum_;
  }
  return asked == Movement::blink ? blinked(sight) : running_ >= kFramesOfMovement;
}

// Shut, and open again.
bool Challenge::blinked(const Sight& sight) {
  const float open = sight.eyes_open / at_rest_.eyes_open;
  shut_ = shut_ || open <= policy_.eyes_shut;
  return shut_ && open >= policy_.eyes_open;
}

// The frames at rest by the login's rule; the moving ones by a wider one of their own.
bool Challenge::by_the_user() {
  if (!encoding_math::to_mean(*sum_, in_sum_) || !encoding_math::to_mean(*moving_sum_, in_moving_sum_)) return false;
  MatchThresholds moving = policy_.login.thresholds;
  moving.feature = policy_.moving_feature;
  return admits(policy_.login.thresholds, distances_of(references_, *sum_)) &&
         admits(moving, distances_of(references_, *moving_sum_));
}

}  // namespace faceauth
