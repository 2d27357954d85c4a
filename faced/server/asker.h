// Who asks, where the peer is a program of root's that somebody else had started far from himself.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/logins.h>

#include <optional>

namespace faceauth {

// Since polkit 127 PAM is run for its agents by a child of process 1, which is of no session, nobody's login and no
// descendant of theirs: whoever connected to its socket asks. Nothing for every other peer. Without a process, which is
// remote, when it cannot be told which one that was.
[[nodiscard]] std::optional<Peer> asker_behind(const Peer& peer, const Logins& logins);

}  // namespace faceauth
