// Opens the fake camera of tests/support/fakev4l2.c in this process; its descriptor can be passed on.
#pragma once

#include <cstdlib>
#include <map>

#include "fixtures.h"

namespace faceauth::vision {

// `extra`: further FAKEV4L2_* settings. Invalid when the "device" refuses to open.
[[nodiscard]] inline Fd open_fake_camera(const std::string& frames,
                                         const std::map<std::string, std::string>& extra = {}) {
  constexpr const char* kDevice = "/dev/video-fake";
  std::map<std::string, std::string> settings = extra;
  settings["FAKEV4L2_DEV"] = kDevice;
  settings["FAKEV4L2_FRAMES"] = frames;
  settings.try_emplace("FAKEV4L2_FPS", "200");
  for (const auto& [name, value] : settings) ::setenv(name.c_str(), value.c_str(), 1);
  Fd camera = open_file(kDevice);
  for (const auto& [name, value] : settings) ::unsetenv(name.c_str());
  return camera;
}

}  // namespace faceauth::vision
