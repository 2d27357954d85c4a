#include <faced/vision/inbox.h>

#include <utility>

namespace faceauth::vision {

bool Inbox::put(PictureJob job) {
  {
    const std::lock_guard lock(mutex_);
    if (pictures_.size() >= kPicturesMax) return false;
    pictures_.push_back(std::move(job));
  }
  changed_.notify_all();
  return true;
}

void Inbox::put(FrameJob job) {
  {
    const std::lock_guard lock(mutex_);
    frame_ = std::move(job);
  }
  changed_.notify_all();
}

void Inbox::forget_frame() {
  const std::lock_guard lock(mutex_);
  frame_.reset();
}

std::optional<Job> Inbox::take() {
  std::unique_lock lock(mutex_);
  taker_waits_ = true;
  changed_.notify_all();
  changed_.wait(lock, [this] { return closed_ || !pictures_.empty() || frame_; });
  taker_waits_ = false;
  if (closed_) return std::nullopt;
  if (!pictures_.empty()) {
    PictureJob job = std::move(pictures_.front());
    pictures_.pop_front();
    return job;
  }
  return *std::exchange(frame_, std::nullopt);
}

bool Inbox::wait_until_wanted(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const bool wanted =
      changed_.wait(lock, stop, [this] { return closed_ || (taker_waits_ && !frame_ && pictures_.empty()); });
  return wanted && !closed_;
}

void Inbox::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace faceauth::vision
