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

// A movement is believed when so many frames running show it; another one, which may be a slip, when one more does.
constexpr unsigned kFramesOfMovement = 2, kFramesOfAnother = 3;

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

void clear(Secret<Encodings>& sum) { wipe(sum.bytes().data(), sum.bytes().size()); }

}  // namespace

ChallengePolicy challenge_policy(const Config& config) {
  ChallengePolicy policy;
  policy.thresholds = match_thresholds(config.level);
  policy.moving_feature = thresholds::kChallengeMovingFeature;
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
  return (policy.rest_within + policy.move_within) * static_cast<int>(movements.size());
}

Challenge::Challenge(const ChallengePolicy& policy, Movements movements, Secret<Encodings> reference)
    : policy_(policy), movements_(std::move(movements)), reference_(std::move(reference)) {
  if (reference_.empty()) reference_ = Secret<Encodings>();  // zeros match nobody
  if (movements_.empty()) state_ = State::failed;            // nobody asks for nothing
}

Movement Challenge::asked() const {
  return moving_ && step_ < movements_.size() ? movements_[step_] : Movement::look_straight;
}

Challenge::State Challenge::observe(const Sight& sight, Steady captured) {
  if (state_ != State::running) return state_;
  if (!seen_) {
    seen_ = captured;
    box_ = sight.box;
    begin_step(captured);
  }
  if (captured < *seen_) return state_;
  const auto within = moving_ ? policy_.move_within : policy_.rest_within;
  if (captured - *seen_ > policy_.unseen || captured - since_ > within) return state_ = State::failed;
  if (!usable(sight)) return state_;
  if (overlap(box_, sight.box) < kOverlapLeast) return state_ = State::failed;
  seen_ = captured;
  box_ = sight.box;
  if (encoding_math::feature_distance(sight.encodings, *reference_) > thresholds::kFeatureSingleFrame)
    return state_ = State::failed;
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

void Challenge::begin_step(Steady now) {
  moving_ = false;
  since_ = now;
  resting_ = 0;
  left_ = right_ = nods_ = 0;
  shut_ = false;
  for (Secret<Encodings>* sum : {&sum_, &moving_sum_}) clear(*sum);
  in_sum_ = in_moving_sum_ = 0;
}

// Three frames running that look about straight and show little movement.
void Challenge::rest(const Sight& sight, Steady now) {
  const Head head{sight.quality.yaw_deg, sight.quality.pitch_deg, sight.eyes[0], sight.eyes[1], sight.eyes_open};
  const Head& before = recent_[(resting_ + kRestFrames - 1) % kRestFrames];
  const bool still = resting_ == 0 || (std::fabs(head.yaw - before.yaw) <= kRestSpreadDeg &&
                                       std::fabs(head.pitch - before.pitch) <= kRestSpreadDeg);
  if (!still) resting_ = 0;
  if (std::fabs(head.yaw) > kRestYawDeg) {
    resting_ = 0;
    return;
  }
  recent_[resting_ % kRestFrames] = head;
  remember(sight);
  if (++resting_ >= kRestFrames) ask(now);
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
  if (moved_otherwise()) {
    state_ = State::failed;
  } else if (done && !by_the_user()) {
    state_ = State::failed;
  } else if (done && ++step_ == movements_.size()) {
    state_ = State::passed;
  } else if (done) {
    begin_step(now);
  } else {
    remember(sight);
  }
}

void Challenge::remember(const Sight& sight) {
  if (moving_ && std::fabs(sight.quality.yaw_deg - at_rest_.yaw) > policy_.turn_deg) return;
  encoding_math::add(*sum_, sight.encodings);
  ++in_sum_;
}

// Counts what the frame shows; true when that completes the movement asked for.
bool Challenge::moved(const Sight& sight) {
  const float yaw = sight.quality.yaw_deg - at_rest_.yaw, pitch = sight.quality.pitch_deg - at_rest_.pitch;
  const float across = (sight.eyes[0] - at_rest_.eyes_x) / sight.box[3];
  const float down = (sight.eyes[1] - at_rest_.eyes_y) / sight.box[3];
  const bool left = yaw >= policy_.turn_deg && across >= policy_.shift;
  const bool right = yaw <= -policy_.turn_deg && across <= -policy_.shift;
  const bool nod = std::fabs(pitch) >= policy_.nod_deg && std::fabs(down) >= policy_.shift &&
                   std::fabs(yaw) < policy_.turn_deg && std::signbit(pitch) != std::signbit(down);
  left_ = left ? left_ + 1 : 0;
  right_ = right ? right_ + 1 : 0;
  nods_ = nod ? nods_ + 1 : 0;
  const Movement asked = movements_[step_];
  const bool shows_it = (asked == Movement::turn_left && left) || (asked == Movement::turn_right && right) ||
                        (asked == Movement::nod && nod) || asked == Movement::blink;
  if (shows_it) {
    encoding_math::add(*moving_sum_, sight.encodings);
    ++in_moving_sum_;
  }
  switch (asked) {
    case Movement::turn_left:
      return left_ >= kFramesOfMovement;
    case Movement::turn_right:
      return right_ >= kFramesOfMovement;
    case Movement::nod:
      return nods_ >= kFramesOfMovement;
    case Movement::blink:
      return blinked(sight);
    case Movement::look_straight:
      break;
  }
  return false;
}

// Shut, and open again.
bool Challenge::blinked(const Sight& sight) {
  const float open = sight.eyes_open / at_rest_.eyes_open;
  shut_ = shut_ || open <= policy_.eyes_shut;
  return shut_ && open >= policy_.eyes_open;
}

bool Challenge::moved_otherwise() const {
  const Movement asked = movements_[step_];
  return (asked != Movement::turn_left && left_ >= kFramesOfAnother) ||
         (asked != Movement::turn_right && right_ >= kFramesOfAnother) ||
         (asked != Movement::nod && nods_ >= kFramesOfAnother);
}

// The frames of the step, most of them at rest, by the login's rule; the moving ones by a wider one of their own.
bool Challenge::by_the_user() {
  if (!encoding_math::to_mean(*sum_, in_sum_) || !encoding_math::to_mean(*moving_sum_, in_moving_sum_)) return false;
  MatchThresholds moving = policy_.thresholds;
  moving.feature = policy_.moving_feature;
  return accepts(policy_.thresholds, compare(*sum_, 0, *reference_)) &&
         compare(*moving_sum_, 0, *reference_).feature <= moving.feature;
}

}  // namespace faceauth
