// Where a request comes from: the person in front of the machine, or somebody far away. What the peer claims only
// ever makes it remote; unknown is remote.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/logins.h>

#include <chrono>
#include <string>
#include <string_view>

namespace faceauth {

// `tty` and `rhost` are PAM_TTY and PAM_RHOST. Reads /proc.
[[nodiscard]] bool is_remote(const Peer& peer, std::string_view tty, std::string_view rhost,
                             const Logins& logins = system_logins());

// The peer belongs to an active session, and his own unless he is root, at this machine's own seat.
[[nodiscard]] bool is_present(const Peer& peer, const Logins& logins = system_logins());

// What a process says that it runs, in one line of at most 200 bytes that no terminal obeys; empty when it cannot be
// read. For people to read: a process can claim anything.
[[nodiscard]] std::string command_of(const Peer& peer);

// How long a process has been running, suspended machine included; 0 when it cannot be read.
[[nodiscard]] std::chrono::milliseconds age_of(const Peer& peer);

}  // namespace faceauth
