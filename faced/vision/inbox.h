// What waits to be analysed: pictures in order, and at most one camera frame, the newest.
#pragma once

#include <faced/util/fd.h>
#include <faced/vision/analyser.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <opencv2/core.hpp>
#include <optional>
#include <stop_token>
#include <variant>

namespace faceauth::vision {

struct PictureJob {
  std::uint32_t request = 0;
  bool liveness = false;
  Fd file;
};

struct FrameJob {
  std::uint32_t session = 0, sequence = 0;
  std::uint64_t captured_ns = 0;
  Wants wants;
  cv::Mat bgr;
};

using Job = std::variant<PictureJob, FrameJob>;

// Thread-safe. One thread takes; the link's and the capture thread put.
class Inbox {
 public:
  static constexpr std::size_t kPicturesMax = 64;

  [[nodiscard]] bool put(PictureJob job);  // false when full
  void put(FrameJob job);                  // replaces a frame that still waits
  void forget_frame();                     // of a camera session that is over

  // The next job, pictures first; nothing once closed.
  [[nodiscard]] std::optional<Job> take();

  // Returns when the taker is idle and no frame waits, or with false when `stop` is asked for or the inbox is closed.
  [[nodiscard]] bool wait_until_wanted(const std::stop_token& stop);

  void close();

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<PictureJob> pictures_;
  std::optional<FrameJob> frame_;
  bool taker_waits_ = false;
  bool closed_ = false;
};

}  // namespace faceauth::vision
