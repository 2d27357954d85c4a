// An open camera: a thread of its own that feeds the inbox at the source's pace until it is destroyed.
#pragma once

#include <faced/vision/inbox.h>
#include <faced/vision/source.h>
#include <faced/vision_link/eye_protocol.h>

#include <functional>
#include <thread>

namespace faceauth::vision {

class Capture {
 public:
  // Called at most once, on the capture thread, when the source cannot be opened or ends.
  using OnFailure = std::function<void(std::uint32_t session, const Error&)>;

  // `inbox` outlives this object.
  Capture(const eye::OpenCamera& wanted, std::vector<Fd> files, Inbox& inbox, OnFailure on_failure);

 private:
  // Its destructor asks the thread to stop and waits: for one frame at most, so within about a tenth of a second.
  std::jthread thread_;
};

}  // namespace faceauth::vision
