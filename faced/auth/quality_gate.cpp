#include <faced/auth/quality_gate.h>
#include <faced/auth/thresholds.h>

#include <cmath>

namespace faceauth {
namespace {

// Every comparison is written so that NaN is refused. Light comes before sharpness: the dark look blurred.
FaceIssue gate(const Sight& sight, const thresholds::QualityBounds& bounds) {
  if (sight.issue != FaceIssue::none) return sight.issue;
  const Quality& q = sight.quality;
  if (!(q.face_height_px >= bounds.face_height_px)) return FaceIssue::too_small;
  if (!(q.brightness >= bounds.brightness_least)) return FaceIssue::too_dark;
  if (!(q.brightness <= bounds.brightness_most)) return FaceIssue::too_bright;
  if (!(q.sharpness >= bounds.sharpness)) return FaceIssue::blurred;
  if (!(std::fabs(q.yaw_deg) <= bounds.yaw_deg) || !(std::fabs(q.pitch_deg) <= bounds.pitch_deg))
    return FaceIssue::turned_away;
  return FaceIssue::none;
}

}  // namespace

FaceIssue gate_for_login(const Sight& sight) { return gate(sight, thresholds::kLogin); }

FaceIssue gate_for_enrolment(const Sight& sight) { return gate(sight, thresholds::kEnrolment); }

}  // namespace faceauth
