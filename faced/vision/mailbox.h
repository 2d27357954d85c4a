// Between the thread that captures and the one that analyses: at most one frame waits, the newest.
#pragma once

#include <faceauth/result.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <opencv2/core.hpp>
#include <optional>
#include <stop_token>

namespace faceauth::vision {

struct WaitingFrame {
  std::uint32_t sequence = 0;
  std::uint64_t captured_ns = 0;
  cv::Mat bgr;
  cv::Mat unlit{};  // of an infrared camera that strobes: the frame before it, without the emitter's light
};

// Thread-safe. One thread takes, one puts.
class Mailbox {
 public:
  void put(WaitingFrame frame);  // replaces one that still waits
  void close(Error why);         // no frame will follow

  // The next frame, or why there is none. A frame put before the end is still given out.
  [[nodiscard]] Result<WaitingFrame> take();

  // Returns when the taker is idle and no frame waits, or with false when `stop` is asked for.
  [[nodiscard]] bool wait_until_wanted(const std::stop_token& stop);

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<WaitingFrame> frame_;
  std::optional<Error> closed_;
  bool taker_waits_ = false;
};

}  // namespace faceauth::vision
