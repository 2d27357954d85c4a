#include <faced/vision/mailbox.h>

#include <utility>

namespace faceauth::vision {

void Mailbox::put(WaitingFrame frame) {
  {
    const std::lock_guard lock(mutex_);
    frame_ = std::move(frame);
  }
  changed_.notify_all();
}

void Mailbox::close(Error why) {
  {
    const std::lock_guard lock(mutex_);
    if (!closed_) closed_ = std::move(why);
  }
  changed_.notify_all();
}

Result<WaitingFrame> Mailbox::take() {
  std::unique_lock lock(mutex_);
  taker_waits_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return closed_ || frame_; });
  taker_waits_ = false;
  if (frame_) return *std::exchange(frame_, std::nullopt);
  return tl::unexpected<Error>(*closed_);
}

bool Mailbox::wait_until_wanted(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait(lock, stop, [this] { return taker_waits_ && !frame_; }) && !stop.stop_requested();
}

}  // namespace faceauth::vision
