#include <faced/server/asker.h>
#include <faced/server/charged_uid.h>

#include <optional>

namespace faceauth {

std::uint32_t charged_uid(const Peer& peer, const Logins& logins) {
  constexpr std::uint32_t kOrdinaryMost = 65'535;  // subordinate uids lie beyond
  const std::optional<Peer> behind = asker_behind(peer, logins);
  const Peer& asks = behind ? *behind : peer;
  if (!asks.is_root() && asks.uid <= kOrdinaryMost) return asks.uid;
  const std::optional<std::uint32_t> of_session = logins.login_uid_of(asks.pid);
  if (!asks.still_runs()) return kUntoldUsers;
  if (!of_session) return asks.uid;
  return !asks.is_root() && *of_session == 0 ? asks.uid : *of_session;
}

}  // namespace faceauth
