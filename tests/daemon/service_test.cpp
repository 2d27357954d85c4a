// faced as a service manager sees it: a passed socket, readiness, the watchdog, reload and stop.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

namespace faceauth::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

int bound_socket(const std::string& path, int type) {
  const int fd = ::socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  return bound && (type != SOCK_STREAM || ::listen(fd, 16) == 0) ? fd : -1;
}

// Starts the daemon's own binary with its listening socket as descriptor 3, as systemd does.
class ServiceTest : public testing::Test {
 protected:
  ServiceTest() : daemon({.users = {"ann"}}) {}
  ~ServiceTest() override {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(listener_);
    ::close(notify_);
  }

  void SetUp() override {
    listener_ = bound_socket(daemon.socket(), SOCK_STREAM);
    notify_ = bound_socket(notify_path(), SOCK_DGRAM);
    ASSERT_GE(listener_, 0);
    ASSERT_GE(notify_, 0);
  }
  std::string notify_path() const { return daemon.dir() / "service-notify.sock"; }

  void start(const std::vector<std::string>& more = {}) {
    const std::string program = daemon.dir() / "bin/faced", config = daemon.config();
    pid_ = ::fork();
    ASSERT_GE(pid_, 0);
    if (pid_ > 0) return;
    std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "NOTIFY_SOCKET=" + notify_path(), "LISTEN_FDS=1",
                                            "LISTEN_PID=" + std::to_string(::getpid())};
    for (const std::string& variable : more) environment.push_back(variable);
    for (const char* kept : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"})
      if (const char* value = std::getenv(kept)) environment.push_back(std::string(kept) + "=" + value);
    std::vector<char*> envp;
    for (std::string& variable : environment) {
      const std::size_t pid = variable.find("@PID@");
      if (pid != std::string::npos) variable.replace(pid, 5, std::to_string(::getpid()));
      envp.push_back(variable.data());
    }
    envp.push_back(nullptr);
    ::dup2(listener_, 3);  // without close-on-exec
    std::array<char*, 4> argv = {const_cast<char*>(program.c_str()), const_cast<char*>("--config"),
                                 const_cast<char*>(config.c_str()), nullptr};
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }

  // The next datagram, or "" after the limit.
  std::string told(milliseconds limit = milliseconds(10'000)) const {
    pollfd wait{notify_, POLLIN, 0};
    std::array<char, 2048> text{};
    if (::poll(&wait, 1, static_cast<int>(limit.count())) <= 0) return {};
    const ssize_t size = ::recv(notify_, text.data(), text.size(), 0);
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string{};
  }
  // True when a datagram that starts like this comes in time; others are passed over.
  bool tells(const std::string& start, milliseconds limit = milliseconds(10'000)) const {
    const auto deadline = Clock::now() + limit;
    while (Clock::now() < deadline)
      if (told(std::chrono::duration_cast<milliseconds>(deadline - Clock::now())).starts_with(start)) return true;
    return false;
  }
  bool answers_status() const {
    WireClient client(daemon.socket());
    client.send(wire::Type::status, wire::Empty{});
    const auto answer = client.answer();
    return answer && answer->as<wire::StatusResult>().has_value();
  }
  int exit_status() {
    const auto deadline = Clock::now() + milliseconds(10'000);
    for (int status = 0; Clock::now() < deadline; ::usleep(5000))
      if (::waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
    return -1;
  }

  Daemon daemon;
  pid_t pid_ = -1;
  int listener_ = -1, notify_ = -1;
};

TEST_F(ServiceTest, ServesThePassedSocketAndLeavesItForTheNextStart) {
  start();
  ASSERT_TRUE(tells("READY=1")) << daemon.log();
  EXPECT_TRUE(tells("STATUS=Serving"));
  EXPECT_TRUE(answers_status());
  ::kill(pid_, SIGTERM);
  EXPECT_TRUE(tells("STOPPING=1"));
  EXPECT_EQ(exit_status(), 0);
  struct stat st {};
  EXPECT_EQ(::stat(daemon.socket().c_str(), &st), 0) << "the socket is the service manager's";
  start();
  ASSERT_TRUE(tells("READY=1")) << daemon.log();
  EXPECT_TRUE(answers_status());
}

TEST_F(ServiceTest, AConnectionThatCameBeforeTheStartIsAnswered) {
  WireClient early(daemon.socket());
  early.send(wire::Type::status, wire::Empty{});
  start();
  const auto answer = early.answer();
  EXPECT_TRUE(answer && answer->as<wire::StatusResult>().has_value()) << daemon.log();
}

TEST_F(ServiceTest, ADescriptorThatIsNoListeningSocketIsRefused) {
  ::close(listener_);
  listener_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  start();
  EXPECT_NE(exit_status(), 0);
  EXPECT_EQ(told(milliseconds(0)).find("READY=1"), std::string::npos);
}

TEST_F(ServiceTest, PetsTheWatchdogWhileItRunsAndNotWhenItHangs) {
  start({"WATCHDOG_USEC=400000", "WATCHDOG_PID=@PID@"});
  ASSERT_TRUE(tells("READY=1")) << daemon.log();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(tells("WATCHDOG=1", milliseconds(2000))) << i;
  ::kill(pid_, SIGSTOP);
  while (!told(milliseconds(100)).empty()) {
  }
  EXPECT_FALSE(tells("WATCHDOG=1", milliseconds(1000)));
  ::kill(pid_, SIGCONT);
  EXPECT_TRUE(tells("WATCHDOG=1", milliseconds(2000)));
}

TEST_F(ServiceTest, WithoutAWatchdogItSaysNothingWhileIdle) {
  start();
  ASSERT_TRUE(tells("READY=1")) << daemon.log();
  EXPECT_FALSE(tells("WATCHDOG=1", milliseconds(1000)));
}

TEST_F(ServiceTest, TellsWhenItReloadsAndWhenItIsDone) {
  start();
  ASSERT_TRUE(tells("READY=1")) << daemon.log();
  ASSERT_TRUE(tells("STATUS="));
  ::kill(pid_, SIGHUP);
  const std::string reloading = told();
  EXPECT_TRUE(reloading.starts_with("RELOADING=1")) << reloading;
  EXPECT_NE(reloading.find("MONOTONIC_USEC="), std::string::npos);
  EXPECT_TRUE(tells("READY=1"));
  daemon.write_config("[match]\nlevel = 7\n");  // broken: the old configuration stays, and so does the service
  ::kill(pid_, SIGHUP);
  EXPECT_TRUE(tells("RELOADING=1"));
  EXPECT_TRUE(tells("READY=1"));
  EXPECT_TRUE(answers_status());
}

}  // namespace
}  // namespace faceauth::test
