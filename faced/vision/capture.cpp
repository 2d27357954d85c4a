#include <faced/vision/capture.h>
#include <faced/vision/strobe.h>

#include <faceauth/limits.h>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>

namespace faceauth::vision {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kSlice{100};  // how often a waiting thread looks whether it should stop
// Of an infrared camera, which may take a moment to light its emitter, or strobe slowly.
constexpr milliseconds kDarkMost{2000};
constexpr unsigned kDarkFrames = 5;
constexpr double kFpsMax = 1000;

OpenedSource open_source(eye::Source kind, std::vector<Fd> files, const std::stop_token& stop) {
  if (kind == eye::Source::stills) return open_stills(std::move(files));
  if (files.size() != 1) return fail(Errc::camera_unavailable, "a camera or a clip is one descriptor");
  return kind == eye::Source::clip ? open_clip(std::move(files.front()), stop) : open_v4l2(std::move(files.front()));
}

// Replay keeps the beat of its frame rate; a camera has its own, and rate 0 asks only when somebody waits.
class Pace {
 public:
  Pace(const eye::OpenCamera& wanted, Mailbox& mailbox) : mailbox_(mailbox) {
    if (wanted.source == eye::Source::v4l2) return;
    if (wanted.replay_fps > 0)
      interval_ = std::chrono::duration<double>(1.0 / std::min<double>(wanted.replay_fps, kFpsMax));
    else
      on_demand_ = true;
  }

  // False when the thread should stop.
  bool wait(const std::stop_token& stop) {
    if (on_demand_) return mailbox_.wait_until_wanted(stop);
    if (interval_.count() <= 0) return !stop.stop_requested();
    const auto now = steady_clock::now();
    due_ = std::max(due_ + std::chrono::duration_cast<steady_clock::duration>(interval_), now);
    std::unique_lock lock(mutex_);
    (void)never_.wait_until(lock, stop, due_, [] { return false; });
    return !stop.stop_requested();
  }

 private:
  Mailbox& mailbox_;
  std::chrono::duration<double> interval_{0};
  bool on_demand_ = false;
  steady_clock::time_point due_{};
  std::mutex mutex_;
  std::condition_variable_any never_;  // only a stop request ends the wait early
};

// Hands frames on; of an infrared camera those alone that its emitter lit.
class Delivery {
 public:
  Delivery(bool infrared, Mailbox& mailbox) : infrared_(infrared), mailbox_(mailbox) {}

  // False when nothing has been lit for too long.
  bool put(CapturedFrame frame) {
    const auto now = steady_clock::now();
    if (infrared_ && !strobe_.is_lit(frame.bgr, frame.captured_ns)) {
      if (dark_++ == 0) dark_since_ = now;
      return dark_ < kDarkFrames || now - dark_since_ <= kDarkMost;
    }
    dark_ = 0;
    cv::Mat unlit = infrared_ ? strobe_.unlit_before(frame.captured_ns) : cv::Mat();
    mailbox_.put({++sequence_, frame.captured_ns, std::move(frame.bgr), std::move(unlit)});
    return true;
  }

 private:
  bool infrared_;
  Mailbox& mailbox_;
  Strobe strobe_;
  std::uint32_t sequence_ = 0;
  unsigned dark_ = 0;  // frames running
  steady_clock::time_point dark_since_{};
};

// Frames into the mailbox until `stop`; returns what ended the source.
Error run(const std::stop_token& stop, const eye::OpenCamera& wanted, std::vector<Fd> files, Mailbox& mailbox) {
  OpenedSource source = open_source(wanted.source, std::move(files), stop);
  if (!source) return std::move(source).error();
  Pace pace(wanted, mailbox);
  Delivery delivery(wanted.infrared, mailbox);
  auto last_frame = steady_clock::now();
  while (pace.wait(stop)) {
    Result<CapturedFrame> frame = (*source)->next(steady_clock::now() + kSlice);
    if (frame) {
      last_frame = steady_clock::now();
      if (!delivery.put(*std::move(frame)))
        return {Errc::camera_dark, "it delivers only dark frames: is its emitter on?"};
    } else if (frame.error().code != Errc::timed_out) {
      return std::move(frame).error();
    } else if (steady_clock::now() - last_frame > milliseconds(limits::kCameraFirstFrameMs)) {
      return {Errc::camera_unavailable, "the camera is open but gives no pictures"};
    }
  }
  return {Errc::cancelled, "closed"};
}

}  // namespace

Capture::Capture(const eye::OpenCamera& wanted, std::vector<Fd> files, Mailbox& mailbox)
    : thread_([this, wanted, files = std::move(files), &mailbox](const std::stop_token& stop) mutable {
        running_.count_down();
        begun_.wait();
        if (stop.stop_requested()) return;
        try {
          mailbox.close(run(stop, wanted, std::move(files), mailbox));
        } catch (const std::exception& e) {
          mailbox.close({Errc::camera_unavailable, std::string("reading the camera failed: ") + e.what()});
        }
      }) {
  running_.wait();
}

Capture::~Capture() {
  thread_.request_stop();
  if (!begun_.try_wait()) begun_.count_down();
}

}  // namespace faceauth::vision
