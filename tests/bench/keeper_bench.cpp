// The keeper's share: start, a login's round trip, memory.
#include "../daemon/support/daemon.h"
#include "../daemon/support/photos.h"

#include <benchmark/benchmark.h>
#include <security/_pam_types.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

namespace faceauth::test {
namespace {

double memory_mb(pid_t pid, const char* field) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/smaps_rollup");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(field)) return std::stod(line.substr(std::string_view(field).size() + 1)) / 1024;
  return 0;
}

struct Spent {
  double cpu_ms = 0, wake_ups = 0;
  friend Spent operator+(const Spent& a, const Spent& b) { return {a.cpu_ms + b.cpu_ms, a.wake_ups + b.wake_ups}; }
};

// By all threads of a process so far: schedstat is nanoseconds run, nanoseconds waited, and times run.
Spent spent_by(pid_t pid) {
  Spent sum;
  std::error_code ignored;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", ignored)) {
    double ran = 0, waited = 0, times = 0;
    std::ifstream(thread.path() / "schedstat") >> ran >> waited >> times;
    sum = sum + Spent{ran / 1e6, times};
  }
  return sum;
}

// A faced with the real eye, the owner registered from one photo and another of her before the camera, at full rate.
std::unique_ptr<Daemon> ready_daemon() {
  auto daemon = std::make_unique<Daemon>(DaemonOptions{.eye = EyeKind::real, .replay_fps = 0, .users = {"ann"}});
  cut(kOwnerPhoto, kOwnerEnrols, daemon->dir() / "a.jpg");
  cut(kOtherPhoto, kOwnerLogsIn, daemon->dir() / "b.jpg");
  daemon->show({daemon->dir() / "b.jpg"});
  const bool works = daemon->start() &&
                     tool(*daemon, {"enroll", "ann", "--image", daemon->dir() / "a.jpg"}).code == 0 &&
                     login(*daemon, "ann").code == PAM_SUCCESS;
  return works ? std::move(daemon) : nullptr;
}

void startup(benchmark::State& state) {
  Daemon daemon({.eye = EyeKind::real, .users = {"ann"}});
  for (auto _ : state) {
    if (!daemon.start()) state.SkipWithError("faced does not start");
    state.SetIterationTime(static_cast<double>(daemon.start_time().count()) / 1000);
    daemon.stop();
  }
}
BENCHMARK(startup)->UseManualTime()->Iterations(20)->Unit(benchmark::kMillisecond);

void auth_roundtrip(benchmark::State& state) {
  const std::unique_ptr<Daemon> daemon = ready_daemon();
  if (!daemon) return state.SkipWithError("the daemon does not work (photos and models: ./dev setup)");
  for (auto _ : state) {
    const Login result = login(*daemon, "ann", {.module_options = "quiet"});
    if (result.code != PAM_SUCCESS) return state.SkipWithError("a login was refused");
    state.SetIterationTime(static_cast<double>(result.exactly.count()) / 1e6);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  state.counters["faced_rss_mb"] = memory_mb(daemon->pid(), "Rss:");
  state.counters["eye_rss_mb"] = memory_mb(daemon->eye_pid(), "Rss:");
  state.counters["both_pss_mb"] = memory_mb(daemon->pid(), "Pss:") + memory_mb(daemon->eye_pid(), "Pss:");
}
BENCHMARK(auth_roundtrip)->UseManualTime()->Iterations(30)->Unit(benchmark::kMillisecond);

// From exec to the verdict of the first login, the models not loaded yet.
void first_verdict(benchmark::State& state) {
  const std::unique_ptr<Daemon> daemon = ready_daemon();
  if (!daemon) return state.SkipWithError("the daemon does not work (photos and models: ./dev setup)");
  for (auto _ : state) {
    daemon->stop();
    const auto begun = std::chrono::steady_clock::now();
    if (!daemon->start_without_eye()) return state.SkipWithError("faced does not start");
    const bool in = login(*daemon, "ann", {.module_options = "quiet"}).code == PAM_SUCCESS;
    state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    if (!in) return state.SkipWithError("a login was refused");
  }
}
BENCHMARK(first_verdict)->UseManualTime()->Iterations(10)->Unit(benchmark::kMillisecond);

// Both processes for a minute without work: `cpu_ms` and how often one of their threads went to sleep again.
void idle(benchmark::State& state) {
  const std::unique_ptr<Daemon> daemon = ready_daemon();
  if (!daemon) return state.SkipWithError("the daemon does not work (photos and models: ./dev setup)");
  std::this_thread::sleep_for(std::chrono::seconds(5));
  const pid_t keeper = daemon->pid(), eye = daemon->eye_pid();  // asked once: asking wakes the keeper
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const auto spent = [&] { return spent_by(keeper) + spent_by(eye); };
  for (auto _ : state) {
    const Spent before = spent();
    std::this_thread::sleep_for(std::chrono::seconds(60));
    const Spent after = spent();
    if (spent_by(keeper).cpu_ms <= 0 || spent_by(eye).cpu_ms <= 0) return state.SkipWithError("no figures in /proc");
    state.counters["cpu_ms"] = after.cpu_ms - before.cpu_ms;
    state.counters["wake_ups"] = after.wake_ups - before.wake_ups;
  }
}
BENCHMARK(idle)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace faceauth::test
