// Every camera there is, and what the configuration makes of it: for people, who ask why one is not used.
#pragma once

#include <faced/config/config.h>
#include <faced/vision_link/camera_choice.h>
#include <faced/vision_link/camera_nodes.h>

#include <optional>
#include <string>
#include <vector>

namespace faceauth {

struct SurveyedCamera {
  std::string path;
  CameraIdentity identity;
  bool streams_elsewhere = false, streams_here = false;
  bool chosen = false;           // a login would open it now
  std::optional<Error> refusal;  // why the configuration does not take it
};

// For one of the policies of a login. A replay source is listed as what it is. `ours`: what the daemon streams from
// itself, empty where it does not.
[[nodiscard]] std::vector<SurveyedCamera> survey_cameras(const CameraPolicy& policy, bool lid_closed,
                                                         const CameraWishes& wishes, const std::string& ours);

}  // namespace faceauth
