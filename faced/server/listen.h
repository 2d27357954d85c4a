// The listening socket: systemd's if it passed one, else our own at the configured path.
#pragma once

#include <faced/util/fd.h>

#include <faceauth/result.h>

#include <string>

namespace faceauth {

struct Listening {
  Fd socket;              // non-blocking stream socket, listening
  std::string to_unlink;  // path to remove at the end; empty under socket activation
};

// Own sockets are made 0666 (authority comes from SO_PEERCRED, not from the file's mode). A dead daemon's leftover
// socket is replaced; a living one's is `busy`, anything else at the path `unsafe_path`. Errors besides: io.
[[nodiscard]] Result<Listening> listen_at(const std::string& path);

}  // namespace faceauth
