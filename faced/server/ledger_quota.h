// How many entries a peer, and all of them together, may cause in the ledger, so that nobody pushes others' out of it,
// or keeps the disk busy, by asking without end.
#pragma once

#include <faced/server/peer_quota.h>

#include <faceauth/limits.h>

#include <chrono>

namespace faceauth {

class LedgerQuota : public PeerQuota {
 public:
  LedgerQuota()
      : PeerQuota({limits::kLedgerBurst, std::chrono::milliseconds(60'000) / limits::kLedgerPerMinute},
                  {limits::kLedgerBurstOfAll, std::chrono::milliseconds(60'000) / limits::kLedgerPerMinuteOfAll}) {}
};

}  // namespace faceauth
