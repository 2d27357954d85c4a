// Somebody before the camera who is told how to move, and does.
#pragma once

#include <faced/auth/challenge.h>

#include <tests/unit/auth/people.h>

#include <chrono>
#include <utility>

namespace faceauth::test {

inline constexpr int kFrameMs = 66;

struct Pose {
  float yaw = 0, pitch = 0, eyes = 0.95F;
};
inline constexpr Pose kStill{};
inline constexpr Pose kLeft{.yaw = 25}, kRight{.yaw = -25}, kDown{.pitch = -18}, kUp{.pitch = 18}, kShut{.eyes = 0.05F};

inline const Encodings& ann() {
  static const Encodings e = person(1);
  return e;
}

inline Sight seen(const Pose& pose, const Encodings& who) {
  Sight sight = live(who, 0.9F);
  sight.box = {200, 100, 180, 180};
  sight.quality.yaw_deg = pose.yaw;
  sight.quality.pitch_deg = pose.pitch;
  sight.eyes = {290 + 2 * pose.yaw, 160 - 2 * pose.pitch};
  sight.eyes_open = pose.eyes;
  return sight;
}

// Somebody before the camera.
class Person {
 public:
  explicit Person(Movements movements, LivenessMode mode = LivenessMode::passive, LastSeen last_seen = {})
      : challenge(policy(mode), std::move(movements), secret(ann()), std::move(last_seen)) {}
  Person(Movements movements, References whom) : challenge(policy(), std::move(movements), std::move(whom)) {}

  static ChallengePolicy policy(LivenessMode mode = LivenessMode::passive) {
    Config config;
    config.liveness = mode;
    return challenge_policy(config);
  }

  Challenge::State show(Sight sight, int times = 1, int every_ms = kFrameMs) {
    while (times-- > 0) {
      if (!played_back) sight.fingerprint = ++frames;
      challenge.observe(sight, now += std::chrono::milliseconds(every_ms));
    }
    return challenge.state();
  }
  Challenge::State show(Pose pose, int times = 1) {
    pose.eyes *= eyes;
    Sight sight = seen(pose, who);
    sight.liveness = sight.liveness_near = live;
    return show(sight, times);
  }

  // Does what a movement asks for, and comes back.
  Challenge::State obey(Movement movement) {
    switch (movement) {
      case Movement::turn_left:
        return sway(kLeft);
      case Movement::turn_right:
        return sway(kRight);
      case Movement::nod:
        return sway(kDown);
      case Movement::blink:
        show(kShut, 3);
        return show(kStill, 2);
      case Movement::look_straight:
        break;
    }
    return show(kStill);
  }
  // As told, until it is over.
  Challenge::State obey_all() {
    for (int steps = 0; steps < 200 && challenge.state() == Challenge::State::running; ++steps) obey(challenge.asked());
    return challenge.state();
  }

  Encodings who = away(ann(), 0.7F, 0.4F);
  float eyes = 1;  // how open they look to the network
  float live = 0.9F;
  bool played_back = false;
  std::uint64_t frames = 0;
  Challenge challenge;
  Steady now{};

 private:
  Challenge::State sway(const Pose& far) {
    for (const float part : {0.3F, 0.7F, 1.0F, 1.0F, 0.7F, 0.3F, 0.0F})
      show(Pose{.yaw = far.yaw * part, .pitch = far.pitch * part});
    return challenge.state();
  }
};

}  // namespace faceauth::test
