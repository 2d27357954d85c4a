// Frames of one or more cameras, side by side, to the attempts that judge them.
#pragma once

#include <faced/auth/joint_verdict.h>
#include <faced/auth/verifier.h>
#include <faced/server/connection.h>
#include <faced/util/clock.h>
#include <faced/vision_link/eye.h>

#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace faceauth {

// What a refusal's own name does not say. For `enroll-tool verify` and the log.
namespace why {
inline constexpr const char* kOtherEncoder =
    "this face was registered with another encoder, whose templates cannot be compared; register it again";
inline constexpr const char* kNotInColor =
    "nothing was registered for this user with a color camera or from photos; register with it";
inline constexpr const char* kNotInInfrared =
    "nothing was registered for this user with an infrared camera; register with it";
inline constexpr const char* kOnlyDark =
    "the infrared camera delivers only dark frames: its emitter seems off, or it is covered; see "
    "linux-enable-ir-emitter";
inline constexpr const char* kCameraTaken =
    "another program is using the camera; close it, or see what it is: enroll-tool cameras";
inline constexpr const char* kTooClose =
    "the face fills the picture, and nothing around it shows that it is live; move back";
inline constexpr const char* kLooksAway = "the face looked away from the camera; look at it, or see match.attention";
inline constexpr const char* kEyesShut =
    "the eyes were shut, or hidden as by dark glasses; open them, or see match.attention";
}  // namespace why

// One camera's part in a login.
struct CameraLook {
  CameraLook(std::unique_ptr<Viewer> at, const VerifierPolicy& policy, References whom)
      : viewer(std::move(at)), references(whom.clone()), attempt(policy, std::move(whom)) {}

  std::unique_ptr<Viewer> viewer;
  References references;
  Attempt attempt;
  std::array<float, 4> box{};            // where the face was in the last frame
  Steady newest{};                       // when the last frame was taken
  std::optional<CameraVerdict> verdict;  // nothing while undecided
  bool matched_before = false;           // too early for the other camera, so that it looks again
  const char* why = nullptr;             // of the verdict; null where its name says enough
};

// Until all have decided, one of them cannot match any more, the time is up or the client leaves. Tells the client what
// is seen. At least one look.
asio::awaitable<JointVerdict> watch(std::vector<CameraLook>& looks, Connection& client, Steady deadline);

// What kept a camera from being looked at.
[[nodiscard]] Verdict verdict_of(const Error& error);

}  // namespace faceauth
