// Where a request comes from: the person in front of the machine, or somebody far away. What the peer claims only
// ever makes it remote; unknown is remote.
#pragma once

#include <faced/server/connection.h>

#include <string_view>

namespace faceauth {

// `tty` and `rhost` are PAM_TTY and PAM_RHOST. Reads /proc and logind's session of the peer.
[[nodiscard]] bool is_remote(const Peer& peer, std::string_view tty, std::string_view rhost);

// The peer belongs to an active session at this machine's own seat.
[[nodiscard]] bool is_present(const Peer& peer);

}  // namespace faceauth
