#include <faced/vision_link/camera.h>

#include <faceauth/limits.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <limits.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>

namespace faceauth {
namespace {

constexpr int kVideoNodesMax = 64;
constexpr unsigned kVideoMajor = 81;  // Linux Documentation/admin-guide/devices.txt

struct DeviceIdentity {
  std::string driver, bus, usb_id;
  bool is_virtual = false;
  bool removable = false;
};

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

// The USB device that carries the node, by walking up from its interface in sysfs.
void read_usb_identity(const std::string& sysfs_device, DeviceIdentity& identity) {
  std::string at = sysfs_device;
  for (int level = 0; level < 4 && at.size() > 1; ++level) {
    const std::string vendor = first_line(at + "/idVendor");
    if (!vendor.empty()) {
      identity.usb_id = vendor + ":" + first_line(at + "/idProduct");
      identity.removable = first_line(at + "/removable") == "removable";
      return;
    }
    at.resize(at.rfind('/'));
  }
}

std::string text_of(const __u8* field, std::size_t size) {
  const char* text = reinterpret_cast<const char*>(field);
  return {text, ::strnlen(text, size)};
}

bool driver_is_virtual(std::string_view driver) {
  constexpr std::array<std::string_view, 7> kVirtual = {"v4l2 loopback", "v4l2loopback", "vivid", "vimc",
                                                        "akvcam",        "vicodec",      "vim2m"};
  return std::find(kVirtual.begin(), kVirtual.end(), driver) != kVirtual.end();
}

// What the opened descriptor really is; nothing when it is no video capture device.
std::optional<DeviceIdentity> identify(int fd) {
  struct stat st {};
  v4l2_capability caps{};
  if (::fstat(fd, &st) != 0 || ::ioctl(fd, VIDIOC_QUERYCAP, &caps) != 0) return std::nullopt;
  const __u32 device_caps = (caps.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? caps.device_caps : caps.capabilities;
  if ((device_caps & V4L2_CAP_VIDEO_CAPTURE) == 0 || (device_caps & V4L2_CAP_STREAMING) == 0) return std::nullopt;

  DeviceIdentity identity;
  identity.driver = text_of(caps.driver, sizeof caps.driver);
  identity.bus = text_of(caps.bus_info, sizeof caps.bus_info);
  identity.is_virtual = driver_is_virtual(identity.driver);
  if (!S_ISCHR(st.st_mode) || major(st.st_rdev) != kVideoMajor) {
    identity.is_virtual = true;
    return identity;
  }
  const std::string link = fmt::format("/sys/dev/char/{}:{}/device", major(st.st_rdev), minor(st.st_rdev));
  std::array<char, PATH_MAX> resolved{};
  if (::realpath(link.c_str(), resolved.data()) == nullptr) {
    identity.is_virtual = true;  // a real camera hangs on a bus
    return identity;
  }
  const std::string_view path = resolved.data();
  if (path.find("/devices/virtual/") != std::string_view::npos) identity.is_virtual = true;
  read_usb_identity(std::string(path), identity);
  return identity;
}

std::string describe(const std::string& path, const DeviceIdentity& d) {
  return fmt::format("{} ({}, {}{}{}, {})", path, d.driver, d.bus, d.usb_id.empty() ? "" : ", ", d.usb_id,
                     d.is_virtual  ? "virtual"
                     : d.removable ? "removable"
                                   : "fixed");
}

Result<OpenedCamera> open_device(const std::string& path, bool allow_virtual) {
  // O_NONBLOCK: neither a stuck driver nor a FIFO in the camera's place may hold the daemon.
  Fd fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (!fd.valid()) return fail(Errc::camera_unavailable, fmt::format("cannot open {}: {}", path, std::strerror(errno)));
  const std::optional<DeviceIdentity> identity = identify(fd.get());
  if (!identity) return fail(Errc::camera_unavailable, path + " is not a video capture device");
  if (identity->is_virtual && !allow_virtual)
    return fail(Errc::not_permitted, describe(path, *identity) +
                                         " is a virtual camera: whoever feeds it could show any face; set "
                                         "camera.allow_replay = true only to try things out");
  OpenedCamera camera;
  camera.description = describe(path, *identity);
  camera.files.push_back(std::move(fd));
  return camera;
}

Result<OpenedCamera> open_first_device(bool allow_virtual) {
  std::string reasons;
  for (int node = 0; node < kVideoNodesMax; ++node) {
    const std::string path = fmt::format("/dev/video{}", node);
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) continue;
    Result<OpenedCamera> camera = open_device(path, allow_virtual);
    if (camera) return camera;
    reasons += reasons.empty() ? camera.error().message : "; " + camera.error().message;
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

Result<OpenedCamera> open_replay(const std::string& what) {
  OpenedCamera camera;
  camera.description = "replay:" + what;
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
  if (camera.files.empty())
    return fail(Errc::camera_unavailable, "no readable file for camera.device = \"replay:" + what + "\"");
  return camera;
}

}  // namespace

Result<OpenedCamera> open_camera(const Config& config) {
  constexpr std::string_view kReplay = "replay:";
  const std::string& device = config.camera_device;
  if (device.starts_with(kReplay)) {
    if (!config.allow_replay) return fail(Errc::not_permitted, "a replay source needs camera.allow_replay = true");
    return open_replay(device.substr(kReplay.size()));
  }
  if (device == "auto") return open_first_device(config.allow_replay);
  return open_device(device, config.allow_replay);
}

}  // namespace faceauth
