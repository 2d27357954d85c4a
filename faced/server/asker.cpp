#include <faced/server/asker.h>

#include <faced/server/origin.h>
#include <faced/server/process_text.h>
#include <faced/util/pidfd.h>

#include <chrono>
#include <string>
#include <string_view>

namespace faceauth {

std::optional<Peer> asker_behind(const Peer& peer, const Logins& logins) {
  constexpr std::string_view kHelpers = "polkit-agent-helper@";
  if (!peer.is_root()) return std::nullopt;
  const std::optional<std::string> unit = logins.unit_of(peer.pid);
  if (!unit || !unit->starts_with(kHelpers)) return std::nullopt;
  const std::optional<Caller> caller = caller_in(*unit);
  if (!caller) return Peer{};
  const std::chrono::milliseconds age_of_helper = age_of(peer);
  Peer asker{caller->uid, ~0U, caller->pid, pidfd_of(caller->pid)};
  // Who connected was there before the helper. He may have ended, and another have his number by now.
  if (age_of(asker) < age_of_helper) return Peer{caller->uid};
  return asker;
}

}  // namespace faceauth
