// Whether the person before the camera looks at it with open eyes. Pure. It can only refuse: a frame without attention
// is no try, and decides nothing.
#pragma once

#include <faced/config/config.h>

#include <faceauth/modality.h>
#include <faceauth/sight.h>

namespace faceauth {

struct AttentionPolicy {
  bool asked = false;
  bool eyes = false;                 // by the network, which was measured on colour pictures only
  float yaw_deg = 0, pitch_deg = 0;  // to either side
  float eyes_open = 0;               // at least
};

[[nodiscard]] AttentionPolicy attention_policy(const Config& config, Modality modality = Modality::color);

// turned_away, eyes_shut, or none when it is not asked for. What was not measured is refused.
[[nodiscard]] FaceIssue attention_issue(const AttentionPolicy& policy, const Sight& sight);

}  // namespace faceauth
