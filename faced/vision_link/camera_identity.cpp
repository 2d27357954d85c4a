#include <faced/vision_link/camera_identity.h>

#include <fmt/format.h>
#include <limits.h>
#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

namespace faceauth {
namespace {

constexpr unsigned kVideoMajor = 81;  // Linux Documentation/admin-guide/devices.txt

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
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

constexpr std::uint32_t kFormatsMax = 64;

std::vector<std::uint32_t> formats_of(int fd) {
  std::vector<std::uint32_t> formats;
  v4l2_fmtdesc offered{};
  offered.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  while (offered.index < kFormatsMax && ::ioctl(fd, VIDIOC_ENUM_FMT, &offered) == 0) {
    formats.push_back(offered.pixelformat);
    ++offered.index;
  }
  return formats;
}

// Those too that faced-vision cannot read: they make no colour camera of it.
bool is_grey(std::uint32_t format) {
  constexpr std::array<std::uint32_t, 14> kGrey = {
      V4L2_PIX_FMT_GREY,     V4L2_PIX_FMT_Y4,  V4L2_PIX_FMT_Y6,     V4L2_PIX_FMT_Y10,  V4L2_PIX_FMT_Y12,
      V4L2_PIX_FMT_Y14,      V4L2_PIX_FMT_Y16, V4L2_PIX_FMT_Y16_BE, V4L2_PIX_FMT_Y10P, V4L2_PIX_FMT_Y10BPACK,
      V4L2_PIX_FMT_IPU3_Y10, V4L2_PIX_FMT_Y8I, V4L2_PIX_FMT_Y12I,   V4L2_PIX_FMT_Z16};
  return std::find(kGrey.begin(), kGrey.end(), format) != kGrey.end();
}

bool is_of(CameraKind kind, Modality modality) {
  return kind == CameraKind::any || (kind == CameraKind::infrared) == (modality == Modality::infrared);
}

// "" as a pin stands for any.
bool fits(const std::string& pin, const std::string& value) { return pin.empty() || pin == value; }

}  // namespace

Modality modality_of(std::span<const std::uint32_t> formats) {
  const bool grey = !formats.empty() && std::all_of(formats.begin(), formats.end(), is_grey);
  return grey ? Modality::infrared : Modality::color;
}

// A camera is as fixed as the least fixed of the devices it hangs on. Those on PCI tell of Thunderbolt; those on USB
// all have a word, but the root hubs, which are on no port.
void read_usb_identity(const std::string& sysfs_device, CameraIdentity& identity) {
  for (std::string at = sysfs_device; at.starts_with('/'); at.resize(at.rfind('/'))) {
    const std::string vendor = first_line(at + "/idVendor"), port = first_line(at + "/removable");
    if (!vendor.empty() && identity.usb_id.empty()) {
      identity.usb_id = vendor + ":" + first_line(at + "/idProduct");
      identity.serial = first_line(at + "/serial");
    }
    const bool root_hub = std::string_view(at).substr(at.rfind('/') + 1).starts_with("usb");
    if (port == "removable") identity.removable = true;
    if (!vendor.empty() && !root_hub && port != "fixed") identity.perhaps_removable = true;
  }
}

std::optional<CameraIdentity> identify_camera(int fd) {
  struct stat st {};
  v4l2_capability caps{};
  if (::fstat(fd, &st) != 0 || ::ioctl(fd, VIDIOC_QUERYCAP, &caps) != 0) return std::nullopt;
  const __u32 device_caps = (caps.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? caps.device_caps : caps.capabilities;
  if ((device_caps & V4L2_CAP_VIDEO_CAPTURE) == 0 || (device_caps & V4L2_CAP_STREAMING) == 0) return std::nullopt;

  CameraIdentity identity;
  identity.driver = text_of(caps.driver, sizeof caps.driver);
  identity.bus = text_of(caps.bus_info, sizeof caps.bus_info);
  identity.name = text_of(caps.card, sizeof caps.card);
  identity.is_virtual = driver_is_virtual(identity.driver);
  identity.formats = formats_of(fd);
  identity.modality = modality_of(identity.formats);
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

std::string describe(const std::string& path, const CameraIdentity& d) {
  const std::string usb = d.usb_id.empty() ? "" : ", " + d.usb_id + (d.serial.empty() ? "" : " " + d.serial);
  return fmt::format("{} ({}, {}{}, {}{})", path, d.driver, d.bus, usb,
                     d.is_virtual          ? "virtual"
                     : d.removable         ? "removable"
                     : d.perhaps_removable ? "perhaps removable"
                                           : "fixed",
                     d.modality == Modality::infrared ? ", infrared" : "");
}

std::optional<Error> refusal_of(const std::string& path, const CameraIdentity& is, const CameraPolicy& policy,
                                bool lid_closed) {
  const auto refuse = [&](Errc code, const std::string& why) { return Error{code, describe(path, is) + " " + why}; };
  if (is.is_virtual && !policy.allow_replay)
    return refuse(Errc::not_permitted,
                  "is a virtual camera: whoever feeds it could show any face; set camera.allow_replay = true only to "
                  "try things out");
  if (!is_of(policy.kind, is.modality))
    return refuse(
        Errc::not_permitted,
        is.modality == Modality::infrared
            ? "offers grey pictures alone, as infrared cameras do, and a color camera is wanted here (camera.kind)"
            : "is a color camera, and an infrared one is wanted here (camera.kind, camera.infrared)");
  const struct {
    const char* name;
    const std::string &pin, &value;
  } pins[] = {{"driver", policy.driver, is.driver},
              {"bus", policy.bus, is.bus},
              {"usb_id", policy.usb_id, is.usb_id},
              {"serial", policy.serial, is.serial}};
  for (const auto& [name, pin, value] : pins)
    if (!fits(pin, value))
      return refuse(Errc::not_permitted,
                    fmt::format("is not the camera that is pinned: its {} is \"{}\" and camera.{}{} is \"{}\"", name,
                                value, policy.second ? "infrared_" : "", name, pin));
  if (is.removable && !policy.removable_allowed)
    return refuse(Errc::not_permitted, "was plugged in, and camera.removable is \"refuse\"");
  if (is.perhaps_removable && !policy.removable_allowed)
    return refuse(Errc::not_permitted,
                  "may have been plugged in: this machine's firmware does not say that its port is fixed, and "
                  "camera.removable is \"refuse\"; set \"allow\", and pin it by camera.bus");
  if (lid_closed && !is.removable && !is.is_virtual)
    return refuse(Errc::camera_unavailable, "is built in, and the lid is closed");
  return std::nullopt;
}

std::string camera_mark(const CameraIdentity& is) {
  std::string what = is.usb_id.empty() ? is.driver + '\n' + is.bus : is.usb_id + '\n' + is.serial;
  if (!is.usb_id.empty() && is.serial.empty()) what += '\n' + is.bus;
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: it tells cameras apart and proves nothing
  for (const char c : what) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:09x}", hash >> 28);
}

}  // namespace faceauth
