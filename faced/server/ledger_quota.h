// How many entries a peer, and all of them together, may cause in the ledger, so that nobody pushes others' out of it,
// or keeps the disk busy, by asking without end. What is over the quota is counted, and the count is part of the peer's
// next entry.
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
    Peer& peer = peers_.try_emplace(uid, Peer{{now, limits::kLedgerBurst}, 0}).first->second;
    earn(peer.purse, now, limits::kLedgerBurst, kEarns);
    earn(all_, now, limits::kLedgerBurstOfAll, kAllEarn);
    if (peer.purse.left == 0 || all_.left == 0) {
      if (peer.skipped < ~std::uint32_t{0}) ++peer.skipped;
      return std::nullopt;
    }
    --peer.purse.left;
    --all_.left;
    return std::exchange(peer.skipped, 0);
  }

 private:
  static constexpr std::size_t kPeersMax = 1024;
  static constexpr auto kEarns = std::chrono::milliseconds(60'000) / limits::kLedgerPerMinute;
  static constexpr auto kAllEarn = std::chrono::milliseconds(60'000) / limits::kLedgerPerMinuteOfAll;
  struct Purse {
    Steady since;  // of the last entry that was earned
    std::uint32_t left = 0;
  };
  struct Peer {
    Purse purse;
    std::uint32_t skipped = 0;
  };

  static void earn(Purse& purse, Steady now, std::uint32_t most, std::chrono::milliseconds each) {
    const auto earned = (now - purse.since) / each;
    if (earned <= 0) return;
    purse.since += earned * each;
    purse.left = static_cast<std::uint32_t>(std::min<std::int64_t>(most, purse.left + earned));
  }

  // Who has his whole quota again and owes no count is as good as new; if nobody is, everybody starts anew, and what
  // all of them may cause together still holds.
  void forget_the_idle(Steady now) {
    for (auto& [uid, peer] : peers_) earn(peer.purse, now, limits::kLedgerBurst, kEarns);
    std::erase_if(peers_, [](const auto& entry) {
      return entry.second.purse.left == limits::kLedgerBurst && entry.second.skipped == 0;
    });
    if (peers_.size() >= kPeersMax) peers_.clear();
  }

  std::map<std::uint32_t, Peer> peers_;
  Purse all_{Steady{}, limits::kLedgerBurstOfAll};
};

}  // namespace faceauth
