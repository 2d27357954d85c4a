#include <faced/vision_link/camera.h>
#include <faced/vision_link/camera_identity.h>
#include <faced/vision_link/camera_nodes.h>

#include <faceauth/limits.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

namespace faceauth {
namespace {

Result<OpenedCamera> opened(CameraNode node, const CameraPolicy& policy, bool lid_closed) {
  if (std::optional<Error> refused = refusal_of(node.path, node.identity, policy, lid_closed))
    return tl::unexpected<Error>(std::move(*refused));
  OpenedCamera camera;
  camera.path = node.path;
  camera.description = describe(node.path, node.identity);
  camera.mark = camera_mark(node.identity);
  camera.modality = node.identity.modality;
  camera.files.push_back(std::move(node.device));
  return camera;
}

Result<OpenedCamera> open_device(const std::string& path, const CameraPolicy& policy, bool lid_closed) {
  Result<CameraNode> node = open_node(path);
  if (node) return opened(*std::move(node), policy, lid_closed);
  if (node.error().code == Errc::camera_busy) return fail(std::move(node));
  return fail(Errc::camera_unavailable, node.error().message);
}

// The one that was chosen, if it is still there and nothing speaks against it now.
std::optional<OpenedCamera> open_chosen(const AutoChoice& chosen, const AutoChoice& now) {
  if (chosen.path.empty() || chosen.policy != now.policy || chosen.wishes != now.wishes ||
      chosen.lid_closed != now.lid_closed || chosen.nodes != now.nodes)
    return std::nullopt;
  Result<OpenedCamera> camera = open_device(chosen.path, now.policy, now.lid_closed);
  if (!camera || camera->mark != chosen.mark) return std::nullopt;
  return *std::move(camera);
}

Result<OpenedCamera> open_any_device(const CameraPolicy& policy, bool lid_closed, const CameraWishes& wishes,
                                     AutoChoice& chosen) {
  AutoChoice now{policy, wishes, lid_closed, nodes_there(), {}, {}};
  if (std::optional<OpenedCamera> same = open_chosen(chosen, now)) return *std::move(same);
  chosen = {};
  CameraNodes nodes = open_all_nodes();
  std::vector<const CameraIdentity*> identities;
  identities.reserve(nodes.cameras.size());
  for (const CameraNode& node : nodes.cameras) identities.push_back(&node.identity);
  std::string reasons = std::move(nodes.left_out);
  for (const std::size_t i : order_of_cameras(identities, wishes)) {
    Result<OpenedCamera> camera = opened(std::move(nodes.cameras[i]), policy, lid_closed);
    if (camera) {
      now.path = camera->path;
      now.mark = camera->mark;
      if (!nodes.some_busy) chosen = std::move(now);
      return camera;
    }
    reasons += (reasons.empty() ? "" : "; ") + camera.error().message;
  }
  if (reasons.empty()) reasons = "there is no /dev/video*: is a camera plugged in and its driver loaded?";
  return fail(Errc::camera_unavailable, "no camera: " + reasons);
}

// "%03d" in a path; nothing when there is no such conversion, so that the path names a clip.
struct Numbering {
  std::string before, after;
  int width = 0;
  [[nodiscard]] std::string path(unsigned number) const {
    return fmt::format("{}{:0{}}{}", before, number, width, after);
  }
};

std::optional<Numbering> numbering_of(std::string_view pattern) {
  const std::size_t percent = pattern.find('%');
  if (percent == std::string_view::npos) return std::nullopt;
  std::size_t at = percent + 1;
  int width = 0;
  while (at < pattern.size() && std::isdigit(static_cast<unsigned char>(pattern[at])) != 0 && width < 10)
    width = width * 10 + (pattern[at++] - '0');
  if (at >= pattern.size() || pattern[at] != 'd') return std::nullopt;
  return Numbering{std::string(pattern.substr(0, percent)), std::string(pattern.substr(at + 1)), std::min(width, 9)};
}

Fd open_replay_file(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  struct stat st {};
  if (fd.valid() && (::fstat(fd.get(), &st) != 0 || !S_ISREG(st.st_mode))) fd.reset();
  return fd;
}

Result<OpenedCamera> open_replay(const std::string& what, CameraKind kind) {
  OpenedCamera camera;
  camera.path = camera.description = "replay:" + what;
  camera.mark = camera_mark({.driver = "replay", .is_virtual = true});
  if (kind == CameraKind::infrared) camera.modality = Modality::infrared;
  if (const std::optional<Numbering> numbering = numbering_of(what)) {
    camera.source = eye::Source::stills;
    for (unsigned number = 0; camera.files.size() < limits::kReplayFramesMax; ++number) {
      Fd fd = open_replay_file(numbering->path(number));
      if (fd.valid())
        camera.files.push_back(std::move(fd));
      else if (number > 0)
        break;
    }
  } else {
    camera.source = eye::Source::clip;
    Fd fd = open_replay_file(what);
    if (fd.valid()) camera.files.push_back(std::move(fd));
  }
  if (camera.files.empty()) return fail(Errc::camera_unavailable, "no readable file for \"replay:" + what + "\"");
  return camera;
}

}  // namespace

Result<OpenedCamera> open_camera(const CameraPolicy& policy, bool lid_closed, const CameraWishes& wishes,
                                 AutoChoice* chosen) {
  constexpr std::string_view kReplay = "replay:";
  const std::string& device = policy.device;
  if (device.starts_with(kReplay)) {
    if (!policy.allow_replay) return fail(Errc::not_permitted, "a replay source needs camera.allow_replay = true");
    return open_replay(device.substr(kReplay.size()), policy.kind);
  }
  AutoChoice none;
  if (device == "auto") return open_any_device(policy, lid_closed, wishes, chosen != nullptr ? *chosen : none);
  return open_device(device, policy, lid_closed);
}

}  // namespace faceauth
