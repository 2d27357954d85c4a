// What an opened device is, and whether the configuration takes it for the machine's camera.
#pragma once

#include <faced/config/config.h>

#include <faceauth/modality.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace faceauth {

struct CameraIdentity {
  std::string driver, bus;     // as VIDIOC_QUERYCAP tells
  std::string name;            // likewise, for people
  std::string usb_id, serial;  // "04f2:b6d9"; both empty for what hangs on no USB, the serial where there is none
  bool is_virtual = false;     // nothing real behind it: whoever feeds it decides what is seen
  // Plugged in, by what a port on the way to it says of itself; and whether one does not say.
  bool removable = false, perhaps_removable = false;
  std::vector<std::uint32_t> formats{};  // V4L2_PIX_FMT_*
  Modality modality = Modality::color;   // infrared when all it offers are grey pictures
};

// Of the opened descriptor, so that no path can be exchanged meanwhile. Nothing when it is no video capture device.
[[nodiscard]] std::optional<CameraIdentity> identify_camera(int fd);

// The USB device that carries a node, and the ports it hangs on, by walking up from its interface's folder in sysfs.
void read_usb_identity(const std::string& sysfs_device, CameraIdentity& identity);

// "/dev/video0 (uvcvideo, usb-0000:00:14.0-6, 04f2:b6d9 0001, fixed)"; an infrared one says that it is.
[[nodiscard]] std::string describe(const std::string& path, const CameraIdentity& identity);

// By the pixel formats it offers (V4L2_PIX_FMT_*). Without any it is no camera of either kind: color.
[[nodiscard]] Modality modality_of(std::span<const std::uint32_t> formats);

// Why the configuration does not take this device; nothing when it does. `lid_closed`: a camera that is built in sees
// nothing then.
[[nodiscard]] std::optional<Error> refusal_of(const std::string& path, const CameraIdentity& identity,
                                              const CameraPolicy& policy, bool lid_closed);

// What templates remember of the camera they were made with: 9 hexadecimal digits. The port counts only where nothing
// else tells two of a kind apart. No proof: a device can claim to be any other.
[[nodiscard]] std::string camera_mark(const CameraIdentity& identity);

}  // namespace faceauth
