#include <faced/server/guidance.h>
#include <faced/server/watch.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace faceauth {
namespace {

void conclude(CameraLook& look) {
  const Attempt& attempt = look.attempt;
  look.verdict = CameraVerdict{attempt.conclude(), attempt.judged(), attempt.began(), attempt.ended()};
}

// When no more frames will come. A camera that had matched keeps nobody out for what it saw since, if that was nothing.
void conclude_late(CameraLook& look) {
  if (!look.verdict && (look.attempt.judged() || !look.matched_before)) conclude(look);
}

void observe(CameraLook& look, const Result<SharedFrame>& frame) {
  if (!frame && look.attempt.judged()) return conclude(look);
  if (!frame) {
    look.verdict = CameraVerdict{verdict_of(frame.error()), false};
    if (frame.error().code == Errc::camera_dark) look.why = why::kOnlyDark;
    if (frame.error().code == Errc::camera_busy) look.why = why::kCameraTaken;
    return;
  }
  const eye::Frame& seen = ***frame;
  look.box = seen.sight.box;
  look.newest = Steady(std::chrono::nanoseconds(seen.captured_ns));
  if (look.attempt.observe(seen.sight, look.newest)) conclude(look);
}

// The frames that wait; false when there were none.
bool observe_waiting(std::vector<CameraLook>& looks) {
  bool any = false;
  for (CameraLook& look : looks) {
    if (look.verdict) continue;
    if (const std::optional<Result<SharedFrame>> frame = look.viewer->take()) {
      observe(look, *frame);
      any = true;
    }
  }
  return any;
}

// A match that the other camera's can no longer join is to be had anew.
void forget_past_matches(std::vector<CameraLook>& looks) {
  Steady now{};
  for (const CameraLook& look : looks) now = std::max(now, look.newest);
  for (CameraLook& look : looks) {
    if (!look.verdict || look.verdict->verdict != Verdict::match || !is_past(*look.verdict, now)) continue;
    look.verdict.reset();
    look.attempt.look_again();
    look.matched_before = true;
  }
}

bool is_over(const std::vector<CameraLook>& looks) {
  const auto refused = [](const CameraLook& l) { return l.verdict && l.verdict->verdict != Verdict::match; };
  const auto decided = [](const CameraLook& l) { return l.verdict.has_value(); };
  return std::any_of(looks.begin(), looks.end(), refused) || std::all_of(looks.begin(), looks.end(), decided);
}

FaceIssue issue_of(const std::vector<CameraLook>& looks) {
  for (const CameraLook& look : looks)
    if (!look.verdict && look.attempt.last_issue() != FaceIssue::none) return look.attempt.last_issue();
  return FaceIssue::none;
}

// What the verdict's name does not say of what the camera saw last.
const char* why_of(const CameraLook& look) {
  const Verdict verdict = look.verdict ? look.verdict->verdict : Verdict::error;
  const FaceIssue last = look.attempt.last_issue();
  if (verdict == Verdict::not_live && last == FaceIssue::too_close) return why::kTooClose;
  if (verdict == Verdict::poor_quality && last == FaceIssue::turned_away) return why::kLooksAway;
  if (verdict == Verdict::poor_quality && last == FaceIssue::eyes_shut) return why::kEyesShut;
  return look.why;
}

// A camera that another one's refusal cut short counts for what it had judged by then.
JointVerdict joint_verdict_of(std::vector<CameraLook>& looks) {
  std::vector<std::optional<CameraVerdict>> verdicts;
  for (CameraLook& look : looks) {
    if (!look.verdict && look.attempt.judged()) conclude(look);
    look.why = why_of(look);
    verdicts.push_back(look.verdict);
  }
  return joint_verdict(verdicts);
}

}  // namespace

Verdict verdict_of(const Error& error) {
  switch (error.code) {
    case Errc::busy:
      return Verdict::busy;
    case Errc::camera_unavailable:
    case Errc::camera_dark:
    case Errc::camera_busy:
    case Errc::not_permitted:
      return Verdict::camera_unavailable;
    case Errc::eye_failed:
    case Errc::timed_out:
    case Errc::cancelled:
      return Verdict::timeout;
    default:
      return Verdict::error;
  }
}

asio::awaitable<JointVerdict> watch(std::vector<CameraLook>& looks, Connection& client, Steady deadline) {
  Guidance guidance(client);
  while (!is_over(looks)) {
    const bool seen = observe_waiting(looks);
    if (looks.size() > 1) forget_past_matches(looks);
    if (is_over(looks)) break;
    const bool left = seen && (client.peer_is_gone() || !co_await guidance.say(issue_of(looks)));
    if (left || std::chrono::steady_clock::now() >= deadline) {
      for (CameraLook& look : looks) conclude_late(look);
      break;
    }
    std::vector<Viewer*> waiting;
    for (CameraLook& look : looks)
      if (!look.verdict) waiting.push_back(look.viewer.get());
    co_await Viewer::any_of(waiting, deadline);
  }
  co_return joint_verdict_of(looks);
}

}  // namespace faceauth
