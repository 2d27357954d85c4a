// Opening and vetting the camera. The keeper opens, looks at what it got, and hands the descriptor to the eye; it
// never reads a frame.
#pragma once

#include <faced/config/config.h>
#include <faced/util/fd.h>
#include <faced/vision_link/camera_choice.h>
#include <faced/vision_link/eye_protocol.h>

#include <faceauth/modality.h>
#include <faceauth/result.h>

#include <string>
#include <vector>

namespace faceauth {

struct OpenedCamera {
  eye::Source source = eye::Source::v4l2;
  std::vector<Fd> files;  // one device, one clip, or the stills in order
  std::string path;
  std::string mark;  // of camera_identity.h, for templates
  Modality modality = Modality::color;
  std::string description;  // "/dev/video0 (uvcvideo, usb-0000:00:14.0-6, 04f2:b6d9 0001, fixed)", for status and log
};

// What "auto" came to, and of what it holds: every device is opened to choose one, which wakes them all.
struct AutoChoice {
  CameraPolicy policy;
  CameraWishes wishes;
  bool lid_closed = false;
  std::string nodes;       // nodes_there()
  std::string path, mark;  // empty: nothing was chosen
};

// Devices: checked on the opened descriptor. A device that is no capture device, a virtual one (v4l2loopback, vivid,
// anything below /sys/devices/virtual) unless allow_replay, one that is not the pinned one, and a built-in one below a
// closed lid are refused; "auto" takes the first one that passes, in the order of camera_choice.h. Replay:
// "replay:/dir/%03d.jpg" takes the files from number 0 or 1 up to the first gap; any other path is a clip. Its pictures
// count as infrared ones where those are asked for. `chosen`: what "auto" came to the last time, which alone is opened,
// and checked like any other, as long as everything is as it was then; and what it came to now. Can hang in a driver.
// Errors: camera_unavailable (says why, for each device tried),
// not_permitted (virtual or replay without allow_replay, not the pinned one).
[[nodiscard]] Result<OpenedCamera> open_camera(const CameraPolicy& policy, bool lid_closed = false,
                                               const CameraWishes& wishes = {}, AutoChoice* chosen = nullptr);

}  // namespace faceauth
