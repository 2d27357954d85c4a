#include <faced/vision/find_ahead.h>

#include <exception>
#include <string>
#include <utility>

namespace faceauth::vision {

FindAhead::FindAhead(Analyser& analyser, const Wants& wants, Mailbox& frames)
    : analyser_(analyser), wants_(wants), frames_(frames), thread_([this] {
        running_.count_down();
        begun_.wait();
        try {
          run();
        } catch (const std::exception& e) {
          (void)hand_over(fail(Errc::camera_unavailable, std::string("looking for faces failed: ") + e.what()));
        }
      }) {
  running_.wait();
}

FindAhead::~FindAhead() {
  frames_.close({Errc::cancelled, "closed"});
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (!begun_.try_wait()) begun_.count_down();
}

Result<const FoundFrame*> FindAhead::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return ready_.has_value(); });
  Result<const FoundFrame*> taken = std::move(*ready_);
  // Why it ended stays the answer.
  if (taken)
    ready_.reset();
  else
    ready_ = tl::unexpected<Error>(taken.error());
  changed_.notify_all();
  return taken;
}

void FindAhead::run() {
  for (std::size_t turn = 0; goes_on(); turn = 1 - turn) {
    Result<WaitingFrame> frame = frames_.take();
    if (!frame) {
      (void)hand_over(fail(std::move(frame)));
      return;
    }
    // Whoever took the other one was done with this one then.
    FoundFrame& found = turns_[turn];
    found.frame = *std::move(frame);
    analyser_.find(found.frame.bgr, wants_, found.found);
    if (!hand_over(&found)) return;
  }
}

bool FindAhead::goes_on() {
  const std::lock_guard lock(mutex_);
  return !stopped_;
}

// Waits until it is taken; false when nobody will take any more.
bool FindAhead::hand_over(Result<const FoundFrame*> found) {
  std::unique_lock lock(mutex_);
  const bool last = !found;
  ready_ = std::move(found);
  changed_.notify_all();
  if (!last) changed_.wait(lock, [this] { return !ready_ || stopped_; });
  return !stopped_;
}

}  // namespace faceauth::vision
