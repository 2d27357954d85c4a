#include <faced/vision_link/camera_survey.h>

#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace faceauth {
namespace {

constexpr std::string_view kReplay = "replay:";

SurveyedCamera survey_replay(const CameraPolicy& policy, const std::string& ours) {
  SurveyedCamera camera{.path = policy.device, .identity = {}, .refusal = {}};
  camera.identity.driver = "replay";
  camera.identity.is_virtual = true;
  camera.chosen = policy.allow_replay;
  camera.streams_here = ours == policy.device;
  if (!policy.allow_replay)
    camera.refusal = Error{Errc::not_permitted, "a replay source needs camera.allow_replay = true"};
  return camera;
}

// By this path or another one of the same device.
bool is_named(const CameraNode& node, const std::string& path) {
  struct stat one {
  }, other{};
  return node.path == path || (::fstat(node.device.get(), &one) == 0 && ::stat(path.c_str(), &other) == 0 &&
                               S_ISCHR(one.st_mode) && S_ISCHR(other.st_mode) && one.st_rdev == other.st_rdev);
}

// A device that is no /dev/videoN.
void add_named_device(std::vector<CameraNode>& nodes, const std::string& path) {
  if (std::any_of(nodes.begin(), nodes.end(), [&](const CameraNode& node) { return is_named(node, path); })) return;
  if (Result<CameraNode> node = open_node(path)) nodes.push_back(*std::move(node));
}

// The first that nothing speaks against, in the order that "auto" tries them; or the one that is named.
void choose(std::vector<SurveyedCamera>& cameras, const std::vector<CameraNode>& nodes, const CameraPolicy& policy,
            const CameraWishes& wishes) {
  if (policy.device != "auto") {
    for (std::size_t i = 0; i < nodes.size(); ++i)
      cameras[i].chosen = is_named(nodes[i], policy.device) && !cameras[i].refusal;
    return;
  }
  std::vector<const CameraIdentity*> identities;
  identities.reserve(nodes.size());
  for (const CameraNode& node : nodes) identities.push_back(&node.identity);
  for (const std::size_t i : order_of_cameras(identities, wishes)) {
    if (cameras[i].refusal) continue;
    cameras[i].chosen = true;
    return;
  }
}

}  // namespace

std::vector<SurveyedCamera> survey_cameras(const CameraPolicy& policy, bool lid_closed, const CameraWishes& wishes,
                                           const std::string& ours) {
  std::vector<CameraNode> nodes = open_all_nodes().cameras;
  const bool is_replay = policy.device.starts_with(kReplay);
  if (policy.device != "auto" && !is_replay) add_named_device(nodes, policy.device);
  std::vector<SurveyedCamera> cameras;
  cameras.reserve(nodes.size() + 1);
  for (const CameraNode& node : nodes) {
    const bool here = !ours.empty() && is_named(node, ours);
    cameras.push_back({.path = node.path,
                       .identity = node.identity,
                       .streams_elsewhere = !here && is_streaming_elsewhere(node.device.get()),
                       .streams_here = here,
                       .refusal = refusal_of(node.path, node.identity, policy, lid_closed)});
  }
  if (is_replay)
    cameras.push_back(survey_replay(policy, ours));
  else
    choose(cameras, nodes, policy, wishes);
  return cameras;
}

}  // namespace faceauth
