// Whose a request is where places and quotas are shared out. A setuid program is root's by its uid, and whoever has
// subordinate uids has them by the ten thousand: the user who logged in stands behind both.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/logins.h>

#include <cstdint>

namespace faceauth {

// No user's number. Whoever's user cannot be told any more is charged as this, all of them together.
inline constexpr std::uint32_t kUntoldUsers = ~std::uint32_t{0};

// The uid that the process's session was opened for, which the kernel hands down to all that is started in it
// (/proc/PID/loginuid), for root's processes and those beyond ordinary users' numbers. `uid`, of the process itself,
// for all others, and where there is none: of a service, or on a kernel without audit. A service may write one for
// itself: it is asked only where it can take something away, and gives nobody root's share but root. A process that has
// ended tells nothing of its session, and its number may be another's: if it had to be asked, kUntoldUsers.
// Of polkit's helper (asker.h) all this is said of who had it started.
[[nodiscard]] std::uint32_t charged_uid(const Peer& peer, const Logins& logins = system_logins());

}  // namespace faceauth
