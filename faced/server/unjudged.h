// Lines in the log that cost who causes them nothing, so that he could repeat them without end.
#pragma once

#include <faced/server/connection.h>
#include <faced/server/keeper.h>

namespace faceauth {

// Counts one line against the peer's quota; false: it is to be left out. When it is not, the log is told first how many
// of his were.
[[nodiscard]] bool may_log_unjudged(Keeper& keeper, const Peer& peer);

}  // namespace faceauth
