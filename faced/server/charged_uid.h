// Whose a request is where places and quotas are shared out. A setuid program is root's by its uid, and whoever has
// subordinate uids has them by the ten thousand: the user who logged in stands behind both.
#pragma once

#include <cstdint>

namespace faceauth {

// The uid that the process's session was opened for, which the kernel hands down to all that is started in it
// (/proc/PID/loginuid), for root's processes and those beyond ordinary users' numbers. `uid`, of the process itself,
// for all others, and where there is none: of a service, or on a kernel without audit. A service may write one for
// itself: it is asked only where it can take something away, and gives nobody root's share but root.
[[nodiscard]] std::uint32_t charged_uid(int pid, std::uint32_t uid);

}  // namespace faceauth
