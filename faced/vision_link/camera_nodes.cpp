#include <faced/vision_link/camera_nodes.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace faceauth {
namespace {

constexpr int kVideoNodesMax = 64;

std::string path_of(int number) { return fmt::format("/dev/video{}", number); }

}  // namespace

Result<CameraNode> open_node(const std::string& path) {
  // O_NONBLOCK: neither a stuck driver nor a FIFO in the camera's place may hold the daemon.
  Fd device(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!device.valid()) {
    const Errc code = errno == EBUSY ? Errc::camera_busy : errno == ENOENT ? Errc::not_found : Errc::camera_unavailable;
    return fail(code, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  }
  std::optional<CameraIdentity> identity = identify_camera(device.get());
  if (!identity) return fail(Errc::unsupported, path + " is not a video capture device");
  return CameraNode{path, std::move(device), *std::move(identity)};
}

CameraNodes open_all_nodes() {
  CameraNodes nodes;
  for (int number = 0; number < kVideoNodesMax; ++number) {
    Result<CameraNode> node = open_node(path_of(number));
    if (!node && node.error().code == Errc::not_found) continue;
    if (node) {
      nodes.cameras.push_back(*std::move(node));
      continue;
    }
    nodes.some_busy = nodes.some_busy || node.error().code == Errc::camera_busy;
    nodes.left_out += (nodes.left_out.empty() ? "" : "; ") + node.error().message;
  }
  return nodes;
}

// A node that is made anew, or given to another session's user, has another time of change.
std::string nodes_there() {
  std::string there;
  for (int number = 0; number < kVideoNodesMax; ++number) {
    struct stat st {};
    if (::stat(path_of(number).c_str(), &st) == 0)
      there += fmt::format("{}:{}:{}:{}.{} ", number, st.st_rdev, st.st_ino, st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
  }
  return there;
}

bool is_streaming_elsewhere(int device) {
  v4l2_requestbuffers none{};  // no buffers: refused by a driver whose buffers are somebody else's, and else no change
  none.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  none.memory = V4L2_MEMORY_MMAP;
  return ::ioctl(device, VIDIOC_REQBUFS, &none) != 0 && errno == EBUSY;
}

}  // namespace faceauth
