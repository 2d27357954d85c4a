// How many entries a peer may cause in the ledger, so that nobody pushes others' out of it, or keeps the disk busy, by
// asking without end. What is over the quota is counted, and the count is part of the peer's next entry.
#pragma once

#include <faced/util/clock.h>

#include <faceauth/limits.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace faceauth {

class LedgerQuota {
 public:
  // Nothing: this one is not to be recorded. Else how many were not since the last that was.
  std::optional<std::uint32_t> admit(std::uint32_t uid, Steady now) {
    if (peers_.size() >= kPeersMax && !peers_.contains(uid)) forget_the_idle(now);
    Peer& peer = peers_.try_emplace(uid, Peer{now, limits::kLedgerBurst, 0}).first->second;
    earn(peer, now);
    if (peer.left == 0) {
      if (peer.skipped < ~std::uint32_t{0}) ++peer.skipped;
      return std::nullopt;
    }
    --peer.left;
    return std::exchange(peer.skipped, 0);
  }

 private:
  static constexpr std::size_t kPeersMax = 1024;
  static constexpr auto kEarns = std::chrono::milliseconds(60'000) / limits::kLedgerPerMinute;
  struct Peer {
    Steady since;  // of the last entry that was earned
    std::uint32_t left = 0, skipped = 0;
  };

  static void earn(Peer& peer, Steady now) {
    const auto earned = (now - peer.since) / kEarns;
    if (earned <= 0) return;
    peer.since += earned * kEarns;
    peer.left = static_cast<std::uint32_t>(std::min<std::int64_t>(limits::kLedgerBurst, peer.left + earned));
  }

  // Who has his whole quota again and owes no count is as good as new; if nobody is, everybody starts anew, which errs
  // towards recording.
  void forget_the_idle(Steady now) {
    for (auto& [uid, peer] : peers_) earn(peer, now);
    std::erase_if(peers_, [](const auto& entry) {
      return entry.second.left == limits::kLedgerBurst && entry.second.skipped == 0;
    });
    if (peers_.size() >= kPeersMax) peers_.clear();
  }

  std::map<std::uint32_t, Peer> peers_;
};

}  // namespace faceauth
