// A login as most machines have it: passive liveness and a camera of 30 frames a second. Beside it, when the camera
// gave the frames that it needs: what is left is ours.
#include "../daemon/support/daemon.h"
#include "../daemon/support/photos.h"

#include <benchmark/benchmark.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <security/_pam_types.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace faceauth::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kFps = 30;
// Three that lie 60 ms apart: the first, the third and the fifth. A picture more than once would be a recording.
constexpr int kNeeded = 5, kPictures = 24;

// When each picture of a folder, its name a number, was first read.
class Readings {
 public:
  explicit Readings(const std::string& folder) : notify_(::inotify_init1(IN_CLOEXEC)) {
    ::inotify_add_watch(notify_, folder.c_str(), IN_ACCESS);
    thread_ = std::jthread([this](const std::stop_token& stop) {
      // Awake at once, however busy the machine is; without the right to it, a reading is seen a little late.
      const sched_param urgent{.sched_priority = 2};
      ::pthread_setschedparam(::pthread_self(), SCHED_FIFO, &urgent);
      while (!stop.stop_requested()) take();
    });
  }
  Readings(const Readings&) = delete;
  Readings& operator=(const Readings&) = delete;
  ~Readings() {
    thread_.request_stop();
    thread_.join();
    ::close(notify_);
  }
  // Only after the reader is done.
  [[nodiscard]] std::optional<Clock::time_point> of(int number) const {
    return first_.at(static_cast<std::size_t>(number));
  }

 private:
  void take() {
    pollfd wait{notify_, POLLIN, 0};
    if (::poll(&wait, 1, 20) <= 0) return;
    const auto now = Clock::now();
    alignas(inotify_event) std::array<char, 4096> events{};
    const ssize_t size = ::read(notify_, events.data(), events.size());
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(events.data() + at);
      const auto number = static_cast<std::size_t>(std::atoi(event->name));
      if (number < first_.size() && !first_[number]) first_[number] = now;
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }

  int notify_;
  std::array<std::optional<Clock::time_point>, kPictures> first_{};
  std::jthread thread_;
};

double ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

// The owner before the camera, who sways a little.
void show_owner(const Daemon& daemon) {
  std::vector<std::string> files;
  for (int i = 0; i < kPictures; ++i) {
    files.push_back(daemon.dir() / ("owner" + std::to_string(i) + ".jpg"));
    cut(kOtherPhoto, kOwnerLogsIn + cv::Point(i % 5, i), files.back());
  }
  daemon.show(files);
}

std::unique_ptr<Daemon> ready_daemon() {
  auto daemon = std::make_unique<Daemon>(
      DaemonOptions{.eye = EyeKind::real, .liveness = "passive", .replay_fps = kFps, .users = {"ann"}});
  cut(kOwnerPhoto, kOwnerEnrols, daemon->dir() / "a.jpg");
  show_owner(*daemon);
  const bool works = daemon->start() &&
                     tool(*daemon, {"enroll", "ann", "--image", daemon->dir() / "a.jpg"}).code == 0 &&
                     login(*daemon, "ann").code == PAM_SUCCESS;
  return works ? std::move(daemon) : nullptr;
}

void passive(benchmark::State& state) {
  const std::unique_ptr<Daemon> daemon = ready_daemon();
  if (!daemon) return state.SkipWithError("the daemon does not work (photos and models: ./dev setup)");
  double first_ms = 0, beyond_ms = 0;
  for (auto _ : state) {
    const Readings readings(daemon->dir() / "view");
    const Login result = login(*daemon, "ann", {.module_options = "quiet"});
    if (result.code != PAM_SUCCESS) return state.SkipWithError("a login was refused");
    const auto first = readings.of(0), last = readings.of(kNeeded - 1);
    if (!first || !last) return state.SkipWithError("the camera's pictures were not seen being read");
    state.SetIterationTime(static_cast<double>(result.exactly.count()) / 1e6);
    first_ms += ms(*first - result.begun);
    beyond_ms += ms(result.begun + result.exactly - *first) - 1000.0 * (kNeeded - 1) / kFps;
  }
  const auto runs = static_cast<double>(state.iterations());
  state.counters["first_frame_ms"] = first_ms / runs;
  state.counters["frames_ms"] = 1000.0 * (kNeeded - 1) / kFps;
  state.counters["beyond_ms"] = beyond_ms / runs;
}
BENCHMARK(passive)
    ->Name("auth_roundtrip/passive_30fps")
    ->UseManualTime()
    ->Iterations(30)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace faceauth::test
