#include <faced/auth/poses.h>

#include <array>
#include <chrono>
#include <cmath>

namespace faceauth {
namespace {

constexpr std::array kOrder{Pose::straight, Pose::left, Pose::right, Pose::up, Pose::straight};

// Degrees. People who talk stay within 7 of yaw (models/calibration); the gate for registering ends at 25 and 20.
constexpr float kStraightYaw = 9, kStraightPitch = 12;
constexpr float kTurned = 10, kRaised = 6;

constexpr std::chrono::seconds kPatience{8};

}  // namespace

Pose Poses::wanted() const { return kOrder[used_ % kOrder.size()]; }

bool Poses::fits(const Quality& quality, Steady now) {
  if (good_since_ == Steady{}) good_since_ = now;
  if (now - good_since_ >= kPatience) return true;
  const float yaw = quality.yaw_deg - rest_yaw_, pitch = quality.pitch_deg - rest_pitch_;
  switch (wanted()) {
    case Pose::straight:
      return std::fabs(yaw) <= kStraightYaw && std::fabs(pitch) <= kStraightPitch;
    case Pose::left:
      return yaw >= kTurned;
    case Pose::right:
      return yaw <= -kTurned;
    case Pose::up:
      return pitch >= kRaised;
  }
  return false;
}

void Poses::use(const Quality& quality) {
  if (used_ == 0) {
    rest_yaw_ = quality.yaw_deg;
    rest_pitch_ = quality.pitch_deg;
  }
  ++used_;
  good_since_ = {};
}

}  // namespace faceauth
