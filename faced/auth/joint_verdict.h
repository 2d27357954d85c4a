// What the attempts before several cameras, side by side, come to. Pure.
#pragma once

#include <faced/util/clock.h>

#include <faceauth/verdict.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

namespace faceauth {

struct CameraVerdict {
  Verdict verdict = Verdict::error;
  bool judged = false;     // a face was compared
  Steady first{}, last{};  // of a match: when its frames were taken
};

// All the frames that decide, of all cameras, lie within this. Three frames a second of either camera are enough for
// it, fewer let nobody in within a login's time either; and who swaps what he shows one camera for what he shows the
// other has to do it in what is left.
inline constexpr std::chrono::milliseconds kOneMoment{3000};

struct JointVerdict {
  CameraVerdict verdict;
  std::size_t decided_by = 0;  // which camera
};

// Whether a match is too old to be joined by another camera's at `now`, a frame's time.
[[nodiscard]] inline bool is_past(const CameraVerdict& match, Steady now) { return now - match.first > kOneMoment; }

// A match only where every camera says so, in one moment; where all do but one after the other, nobody was judged in
// time. Else what the most refusing one says: a face that was compared and refused
// goes before whatever kept another camera from judging; of equals the first. Nothing stands for a camera that has not
// come to a verdict.
[[nodiscard]] JointVerdict joint_verdict(std::span<const std::optional<CameraVerdict>> cameras);

}  // namespace faceauth
