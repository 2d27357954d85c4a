// How many things of one kind a peer, and all of them together, may cause. What is over the quota is counted, and the
// count is told with the peer's next one, or in a total once the peer had to be forgotten.
#pragma once

#include <faced/util/clock.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace faceauth {

class PeerQuota {
 public:
  struct Rate {
    std::uint32_t burst;
    std::chrono::milliseconds each;  // one more is earned
  };

  static constexpr Rate kUnbounded{~std::uint32_t{0}, std::chrono::milliseconds(1)};

  PeerQuota(Rate own, Rate of_all) : own_(own), of_all_(of_all), all_{Steady{}, of_all.burst} {}

  // Nothing: this one is over the quota. Else how many were since the last that was not.
  std::optional<std::uint32_t> admit(std::uint32_t uid, Steady now) {
    if (peers_.size() >= kPeersMax && !peers_.contains(uid)) forget_the_idle(now);
    Peer& peer = peers_.try_emplace(uid, Peer{{now, own_.burst}, 0}).first->second;
    earn(peer.purse, now, own_);
    earn(all_, now, of_all_);
    if (peer.purse.left == 0 || all_.left == 0) {
      count(peer.skipped, 1);
      return std::nullopt;
    }
    --peer.purse.left;
    --all_.left;
    return std::exchange(peer.skipped, 0);
  }

  // How many were over the quota of peers who are forgotten; once.
  std::uint32_t take_forgotten() { return std::exchange(forgotten_, 0); }

 private:
  static constexpr std::size_t kPeersMax = 1024;
  struct Purse {
    Steady since;  // of the last one that was earned
    std::uint32_t left = 0;
  };
  struct Peer {
    Purse purse;
    std::uint32_t skipped = 0;
  };

  static void count(std::uint32_t& total, std::uint32_t more) { total += std::min(more, ~total); }

  static void earn(Purse& purse, Steady now, const Rate& rate) {
    const auto earned = (now - purse.since) / rate.each;
    if (earned <= 0) return;
    purse.since += earned * rate.each;
    purse.left = static_cast<std::uint32_t>(std::min<std::int64_t>(rate.burst, purse.left + earned));
  }

  // Who has his whole quota again and owes no count is as good as new; if nobody is, everybody starts anew, and what
  // all of them may cause together still holds.
  void forget_the_idle(Steady now) {
    for (auto& [uid, peer] : peers_) earn(peer.purse, now, own_);
    std::erase_if(peers_, [this](const auto& entry) {
      return entry.second.purse.left == own_.burst && entry.second.skipped == 0;
    });
    if (peers_.size() < kPeersMax) return;
    for (const auto& [uid, peer] : peers_) count(forgotten_, peer.skipped);
    peers_.clear();
  }

  Rate own_, of_all_;
  std::map<std::uint32_t, Peer> peers_;
  Purse all_;
  std::uint32_t forgotten_ = 0;
};

}  // namespace faceauth
