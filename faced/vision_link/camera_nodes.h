// The video devices that this machine has, opened and looked at.
#pragma once

#include <faced/util/fd.h>
#include <faced/vision_link/camera_identity.h>

#include <faceauth/result.h>

#include <string>
#include <vector>

namespace faceauth {

struct CameraNode {
  std::string path;
  Fd device;
  CameraIdentity identity;
};

// Errors: camera_unavailable, camera_busy; not_found: there is no such file; unsupported: it is no video capture
// device.
[[nodiscard]] Result<CameraNode> open_node(const std::string& path);

struct CameraNodes {
  std::vector<CameraNode> cameras;  // by number
  std::string left_out;             // the other /dev/video* and why, for a message
  bool some_busy = false;           // one of those is somebody else's for now
};
[[nodiscard]] CameraNodes open_all_nodes();

// Differs whenever a video device came, went, or may be opened by others than before. Opens none.
[[nodiscard]] std::string nodes_there();

// Whether another program streams from it. Takes nothing from whoever does.
[[nodiscard]] bool is_streaming_elsewhere(int device);

}  // namespace faceauth
