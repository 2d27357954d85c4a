#include <faced/server/unjudged.h>
#include <faced/util/log.h>

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>

namespace faceauth {

bool may_log_unjudged(Keeper& keeper, const Peer& peer) {
  const std::optional<std::uint32_t> untold = keeper.log_quota.admit(peer.charged, keeper.clock.steady());
  if (!untold) return false;
  if (const std::uint32_t of_others = keeper.log_quota.take_forgotten(); of_others > 0)
    log::warning(fmt::format("{} lines that many uids caused were left out", of_others));
  const std::string uid = std::to_string(peer.uid);
  if (*untold > 0)
    log::warning(fmt::format("{} lines that uid {} caused before this one were left out", *untold, uid),
                 {{"FACEAUTH_PEER_UID", uid}});
  return true;
}

}  // namespace faceauth
