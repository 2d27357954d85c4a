#include <faced/auth/joint_verdict.h>

#include <algorithm>

namespace faceauth {

JointVerdict joint_verdict(std::span<const std::optional<CameraVerdict>> cameras) {
  const auto matched = [](const std::optional<CameraVerdict>& c) {
    return c && c->judged && c->verdict == Verdict::match;
  };
  if (!cameras.empty() && std::all_of(cameras.begin(), cameras.end(), matched)) return {*cameras.front(), 0};
  JointVerdict joint;
  bool found = false;
  for (std::size_t i = 0; i < cameras.size(); ++i) {
    const std::optional<CameraVerdict>& camera = cameras[i];
    if (!camera || camera->verdict == Verdict::match) continue;
    if (found && (joint.verdict.judged || !camera->judged)) continue;
    joint = {*camera, i};
    found = true;
  }
  return joint;
}

}  // namespace faceauth
