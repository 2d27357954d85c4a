// Which processes have a device open. The daemon may not look into other users' processes; root may, and everybody
// into his own.
#pragma once

#include <faceauth/result.h>
#include <sys/types.h>

#include <string>
#include <vector>

namespace faceauth::enroll {

struct Holder {
  int pid = 0;
  std::string command, user;
};

// Of this character device, the daemon's own processes left out; empty where nobody that may be looked into has it. The
// daemon's are those with its names that run as root, as faceauth, or as who serves its socket (`server`): anybody can
// give a program any name.
[[nodiscard]] std::vector<Holder> holders_of(const std::string& device, uid_t server);
// Of any camera.
[[nodiscard]] std::vector<Holder> holders_of_cameras(uid_t server);

// The words for a camera that another program uses, with its name where that may be known; any other error as it is.
// `socket`: the daemon's.
[[nodiscard]] Error with_holders(Error error, const std::string& socket);

// "firefox (process 4711 of ann), zoom (process 4712 of ann)"
[[nodiscard]] std::string words_for(const std::vector<Holder>& holders);

}  // namespace faceauth::enroll
