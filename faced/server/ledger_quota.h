// How many entries a peer, and all of them together, may cause in the ledger, so that nobody pushes others' out of it,
// keeps them out, or keeps the disk busy, by asking without end.
#pragma once

#include <faced/server/peer_quota.h>

#include <faceauth/limits.h>

#include <chrono>

namespace faceauth {

class LedgerQuota {
 public:
  // own: what was judged for its user, or switched by him. Registered users alone cause such entries.
  enum class Of : std::uint8_t { unjudged, own };

  std::optional<std::uint32_t> admit(Of of, std::uint32_t uid, Steady now) {
    return (of == Of::own ? own_ : unjudged_).admit(uid, now);
  }
  std::uint32_t take_forgotten() { return unjudged_.take_forgotten() + own_.take_forgotten(); }

 private:
  static constexpr std::chrono::milliseconds kMinute{60'000};
  PeerQuota unjudged_{{limits::kLedgerBurst, kMinute / limits::kLedgerPerMinute},
                      {limits::kLedgerBurstOfAll, kMinute / limits::kLedgerPerMinuteOfAll}};
  PeerQuota own_{{limits::kLedgerOwnBurst, kMinute / limits::kLedgerOwnPerMinute}, PeerQuota::kUnbounded};
};

}  // namespace faceauth
