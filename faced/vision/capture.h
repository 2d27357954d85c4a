// An open camera or replay: a thread of its own that feeds the mailbox at the source's pace.
#pragma once

#include <faced/vision/mailbox.h>
#include <faced/vision/source.h>
#include <faced/vision_link/eye_protocol.h>

#include <latch>
#include <thread>

namespace faceauth::vision {

class Capture {
 public:
  // Starts the thread and returns once it runs; it touches nothing of `files` before begin(). `mailbox` outlives this
  // object and is closed when the source cannot be opened or ends.
  Capture(const eye::OpenCamera& wanted, std::vector<Fd> files, Mailbox& mailbox);
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;
  ~Capture();  // asks the thread to stop and waits: for one frame at most, so within about a tenth of a second

  void begin() { begun_.count_down(); }

 private:
  std::latch running_{1}, begun_{1};
  std::jthread thread_;
};

}  // namespace faceauth::vision
