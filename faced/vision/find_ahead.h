// The first half of each frame's analysis, on a thread of its own: while one frame is measured, the face of the next is
// looked for.
#pragma once

#include <faced/vision/analyser.h>
#include <faced/vision/mailbox.h>

#include <array>
#include <condition_variable>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>

namespace faceauth::vision {

struct FoundFrame {
  WaitingFrame frame;
  Found found;
};

class FindAhead {
 public:
  // Starts the thread and returns once it runs; it takes nothing out of `frames` before begin(). Both outlive this
  // object, and the analyser is only to measure meanwhile.
  FindAhead(Analyser& analyser, const Wants& wants, Mailbox& frames);
  FindAhead(const FindAhead&) = delete;
  FindAhead& operator=(const FindAhead&) = delete;
  ~FindAhead();  // closes the mailbox and waits for the thread: for one frame at most

  void begin() { begun_.count_down(); }

  // The frames in the mailbox's order, then why there are no more. One is ready at most, and the thread looks at none
  // beyond it: a frame that waits grows old. Valid until the next call.
  [[nodiscard]] Result<const FoundFrame*> next();

 private:
  void run();
  bool goes_on();
  bool hand_over(Result<const FoundFrame*> found);

  Analyser& analyser_;
  const Wants wants_;
  Mailbox& frames_;
  std::array<FoundFrame, 2> turns_;  // one is measured while the other is looked at

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Result<const FoundFrame*>> ready_;
  bool stopped_ = false;

  std::latch running_{1}, begun_{1};
  std::jthread thread_;
};

}  // namespace faceauth::vision
