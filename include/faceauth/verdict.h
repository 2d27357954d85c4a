// The outcome of a request to judge somebody. Values travel on the wire: append, never renumber.
#pragma once

#include <cstdint>

namespace faceauth {

// `error` is zero on purpose: a verdict nobody assigned is a refusal.
enum class Verdict : std::uint8_t {
  error = 0,
  match = 1,
  no_match = 2,
  not_live = 3,
  no_face = 4,
  multiple_faces = 5,
  poor_quality = 6,
  not_enrolled = 7,
  locked_out = 8,
  disabled = 9,
  strong_auth_due = 10,
  remote = 11,
  not_allowed = 12,
  busy = 13,
  camera_unavailable = 14,
  timeout = 15,
};
inline constexpr std::uint8_t kVerdictLast = 15;

// The name people see in JSON and logs; never null.
constexpr const char* verdict_name(Verdict v) noexcept {
  switch (v) {
    case Verdict::error:
      return "error";
    case Verdict::match:
      return "match";
    case Verdict::no_match:
      return "no-match";
    case Verdict::not_live:
      return "not-live";
    case Verdict::no_face:
      return "no-face";
    case Verdict::multiple_faces:
      return "multiple-faces";
    case Verdict::poor_quality:
      return "poor-quality";
    case Verdict::not_enrolled:
      return "not-enrolled";
    case Verdict::locked_out:
      return "locked-out";
    case Verdict::disabled:
      return "disabled";
    case Verdict::strong_auth_due:
      return "strong-auth-due";
    case Verdict::remote:
      return "remote";
    case Verdict::not_allowed:
      return "not-allowed";
    case Verdict::busy:
      return "busy";
    case Verdict::camera_unavailable:
      return "camera-unavailable";
    case Verdict::timeout:
      return "timeout";
  }
  return "error";
}

// Why an image or a frame cannot be used, and what a person can do about it. Values travel on the wire.
enum class FaceIssue : std::uint8_t {
  none = 0,
  unreadable = 1,  // not an image, truncated, or a kind of file that is refused
  too_large = 2,   // more pixels or bytes than limits.h allows
  no_face = 3,
  several_faces = 4,  // a second face at least half as tall as the largest
  too_small = 5,
  too_dark = 6,
  too_bright = 7,
  blurred = 8,
  turned_away = 9,
  too_close = 10,  // it fills the picture: nothing around it shows whether it is live
  eyes_shut = 11,  // or hidden, as by dark glasses
};
inline constexpr std::uint8_t kFaceIssueLast = 11;

constexpr const char* face_issue_name(FaceIssue i) noexcept {
  switch (i) {
    case FaceIssue::none:
      return "none";
    case FaceIssue::unreadable:
      return "unreadable";
    case FaceIssue::too_large:
      return "too-large";
    case FaceIssue::no_face:
      return "no-face";
    case FaceIssue::several_faces:
      return "several-faces";
    case FaceIssue::too_small:
      return "too-small";
    case FaceIssue::too_dark:
      return "too-dark";
    case FaceIssue::too_bright:
      return "too-bright";
    case FaceIssue::blurred:
      return "blurred";
    case FaceIssue::turned_away:
      return "turned-away";
    case FaceIssue::too_close:
      return "too-close";
    case FaceIssue::eyes_shut:
      return "eyes-shut";
  }
  return "none";
}

// What must hold before a service lets somebody in. `unset` only means "the module gave no option".
enum class Factors : std::uint8_t {
  unset = 0,
  none = 1,
  face = 2,
  password = 3,
  face_or_password = 4,
  face_and_password = 5
};
inline constexpr std::uint8_t kFactorsLast = 5;

enum class Intent : std::uint8_t { unset = 0, none = 1, enter = 2, gesture = 3 };
inline constexpr std::uint8_t kIntentLast = 3;

}  // namespace faceauth
