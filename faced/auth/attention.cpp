#include <faced/auth/attention.h>
#include <faced/auth/thresholds.h>

#include <cmath>

namespace faceauth {

// The eye measures eyes where it measures liveness; with that off a picture is as good as a person, and pays no heed.
AttentionPolicy attention_policy(const Config& config, Modality modality) {
  return {.asked = config.attention && config.liveness != LivenessMode::off,
          .eyes = modality == Modality::color,
          .yaw_deg = thresholds::kAttentionYawDeg,
          .pitch_deg = thresholds::kAttentionPitchDeg,
          .eyes_open = thresholds::kAttentionEyesOpen};
}

// Every comparison is written so that NaN is refused.
FaceIssue attention_issue(const AttentionPolicy& policy, const Sight& sight) {
  if (!policy.asked) return FaceIssue::none;
  const Quality& q = sight.quality;
  if (!(std::fabs(q.yaw_deg) <= policy.yaw_deg) || !(std::fabs(q.pitch_deg) <= policy.pitch_deg))
    return FaceIssue::turned_away;
  const bool open = sight.liveness_measured && sight.eyes_open >= policy.eyes_open;
  return policy.eyes && !open ? FaceIssue::eyes_shut : FaceIssue::none;
}

}  // namespace faceauth
