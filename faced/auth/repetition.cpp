#include <faced/auth/repetition.h>

#include <algorithm>
#include <chrono>

namespace faceauth {
namespace {

constexpr std::size_t kRemembered = 1024;  // half a minute at 30 frames a second

// One picture for so long, in so many frames, is no camera's hiccup.
constexpr std::chrono::milliseconds kFrozenFor{800};
constexpr unsigned kFrozenFrames = 5;

}  // namespace

Repetition::Kind Repetition::look(std::uint64_t fingerprint, Steady captured) {
  if (!seen_.empty() && fingerprint == last_) {
    ++repeated_;
    return repeated_ >= kFrozenFrames && captured - last_fresh_ >= kFrozenFor ? Kind::frozen : Kind::again;
  }
  const bool before = std::find(seen_.begin(), seen_.end(), fingerprint) != seen_.end();
  last_ = fingerprint;
  last_fresh_ = captured;
  repeated_ = 0;
  if (seen_.size() < kRemembered)
    seen_.push_back(fingerprint);
  else
    seen_[next_++ % kRemembered] = fingerprint;
  return before ? Kind::played_back : Kind::fresh;
}

}  // namespace faceauth
