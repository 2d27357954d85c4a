// The administrator's program, run for every change that is announced: without a shell, in a process group of its own,
// for at most ten seconds. On the keeper's thread, which never waits for it; what it does is only logged.
#pragma once

#include <faced/server/asio.h>

#include <sys/types.h>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace faceauth {

struct HookCall {
  std::string program;  // a trusted path, or it is not run
  std::string event;    // its only argument
  std::vector<std::string> environment;
  std::uint32_t by_uid = 0;
  std::string user;      // whom it is about, for the log
  bool weighty = false;  // somebody can log in by it: the last places are kept for such
};

class Hooks {
 public:
  static constexpr std::size_t kAtOnce = 4, kWaitingMost = 32;
  static constexpr std::size_t kLightWaitingMost = 16;  // of those, the most that are not weighty
  static constexpr std::size_t kPerUid = 2;             // of one event, by a uid other than root, waiting or not

  explicit Hooks(asio::io_context& io, std::chrono::milliseconds limit = std::chrono::seconds(10))
      : io_(io), limit_(limit) {}
  Hooks(const Hooks&) = delete;
  Hooks& operator=(const Hooks&) = delete;
  ~Hooks();  // kills what still runs

  // Starts it, or lets it wait for one that runs. Beyond the bounds it is left out, and the log says so.
  void run(HookCall call);

 private:
  struct Running {
    Running(asio::io_context& io, const HookCall& call)
        : ended(io), limit(io), by_uid(call.by_uid), event(call.event), user(call.user) {}
    pid_t pid = -1;
    asio::posix::stream_descriptor ended;  // readable when it has ended
    asio::steady_timer limit;
    std::uint32_t by_uid;
    std::string event, user;
    bool late = false;
  };
  [[nodiscard]] bool within_bounds(const HookCall& call) const;
  void reap_abandoned();
  void start(const HookCall& call);
  void look_after(Running& running);
  void reap(pid_t pid);

  asio::io_context& io_;
  std::chrono::milliseconds limit_;
  std::map<pid_t, std::unique_ptr<Running>> running_;
  std::deque<HookCall> waiting_;
  std::vector<pid_t> abandoned_;  // killed because they cannot be watched
};

}  // namespace faceauth
