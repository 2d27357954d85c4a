#include <faced/auth/joint_verdict.h>

#include <algorithm>

namespace faceauth {
namespace {

using Cameras = std::span<const std::optional<CameraVerdict>>;

bool matched(const std::optional<CameraVerdict>& camera) {
  return camera && camera->judged && camera->verdict == Verdict::match;
}

bool in_one_moment(Cameras cameras) {
  Steady last{};
  for (const auto& camera : cameras) last = std::max(last, camera->last);
  return std::none_of(cameras.begin(), cameras.end(), [last](const auto& camera) { return is_past(*camera, last); });
}

}  // namespace

JointVerdict joint_verdict(std::span<const std::optional<CameraVerdict>> cameras) {
  if (!cameras.empty() && std::all_of(cameras.begin(), cameras.end(), matched) && in_one_moment(cameras))
    return {*cameras.front(), 0};
  JointVerdict joint;
  bool found = false;
  for (std::size_t i = 0; i < cameras.size(); ++i) {
    const std::optional<CameraVerdict>& camera = cameras[i];
    if (!camera || camera->verdict == Verdict::match) continue;
    if (found && (joint.verdict.judged || !camera->judged)) continue;
    joint = {*camera, i};
    found = true;
  }
  if (!found && std::any_of(cameras.begin(), cameras.end(), matched)) joint.verdict.verdict = Verdict::timeout;
  return joint;
}

}  // namespace faceauth
