// How many lines a peer, and all of them together, may cause in the log by what costs nothing: refusals, broken frames,
// requests that nobody judged.
#pragma once

#include <faced/server/peer_quota.h>

#include <chrono>

namespace faceauth {

class LogQuota : public PeerQuota {
 public:
  LogQuota() : PeerQuota({20, std::chrono::seconds(10)}, {100, std::chrono::seconds(2)}) {}
};

}  // namespace faceauth
