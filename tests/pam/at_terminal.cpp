#include "at_terminal.h"

#include <gtest/gtest.h>
#include <tests/support/built.h>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstring>

namespace faceauth::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string with_paths(std::string lines) {
  for (const auto& [mark, path] :
       {std::pair<std::string, std::string>{"@MODULE@", built::kPamModule}, {"@PROBE@", built::kPamProbe}})
    for (std::size_t at = lines.find(mark); at != std::string::npos; at = lines.find(mark))
      lines.replace(at, mark.size(), path);
  return lines;
}

}  // namespace

AtTerminal::AtTerminal(const std::string& lines, const Host& host, const std::string& typed_ahead) {
  dir_.write("faceauth-test", with_paths(lines), 0644);
  dir_.write("other", "auth required pam_deny.so\n", 0644);
  EXPECT_EQ(::openpty(&master_, &slave_, nullptr, nullptr, nullptr), 0);
  ::fcntl(master_, F_SETFD, FD_CLOEXEC);
  EXPECT_EQ(::tcgetattr(slave_, &before_), 0);
  before_.c_iflag |= IUTF8;  // as terminals are
  EXPECT_EQ(::tcsetattr(slave_, TCSANOW, &before_), 0);
  if (!typed_ahead.empty()) type(typed_ahead);
  run(host);
}

AtTerminal::~AtTerminal() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(slave_);
  ::close(master_);
}

void AtTerminal::run(const Host& host) {
  const std::string flags = std::to_string(host.flags), dir = dir_.path();
  std::vector<char*> argv, envp;
  for (const std::string* word : {&dir, &host.tty, &flags, &host.how}) argv.push_back(const_cast<char*>(word->c_str()));
  argv.insert(argv.begin(), const_cast<char*>(built::kTerminalHost));
  argv.push_back(nullptr);
  for (const std::string& setting : host.environment) envp.push_back(const_cast<char*>(setting.c_str()));
  envp.push_back(nullptr);
  int ends[2] = {-1, -1};
  ASSERT_TRUE(!host.stdin_is_pipe || ::pipe2(ends, O_CLOEXEC) == 0);
  pid_ = ::fork();
  ASSERT_GE(pid_, 0);
  if (pid_ == 0) {  // the test has threads: nothing here but system calls
    ::setsid();
    ::ioctl(slave_, TIOCSCTTY, 0);
    for (const int fd : {0, 1, 2}) ::dup2(fd == 0 && host.stdin_is_pipe ? ends[0] : slave_, fd);
    ::close(slave_);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  for (const int fd : ends)
    if (fd >= 0) ::close(fd);
}

void AtTerminal::type(const std::string& keys) const {
  EXPECT_EQ(::write(master_, keys.data(), keys.size()), static_cast<ssize_t>(keys.size()));
}

void AtTerminal::resize(unsigned columns) const {
  const winsize size{24, static_cast<unsigned short>(columns), 0, 0};
  EXPECT_EQ(::ioctl(master_, TIOCSWINSZ, &size), 0);
}

void AtTerminal::signal(int number) const { EXPECT_EQ(::kill(pid_, number), 0); }

void AtTerminal::hang_up() {
  ::close(slave_);
  ::close(master_);
  slave_ = master_ = -1;
}

bool AtTerminal::read_some(int within_ms) {
  pollfd p{master_, POLLIN, 0};
  if (::poll(&p, 1, within_ms) != 1) return false;
  char buffer[512];
  const ssize_t n = ::read(master_, buffer, sizeof buffer);
  if (n > 0) screen_.append(buffer, static_cast<std::size_t>(n));
  return n > 0;
}

bool AtTerminal::shows(const std::string& part, int within_ms) {
  const auto until = Clock::now() + std::chrono::milliseconds(within_ms);
  while (screen_.find(part) == std::string::npos && Clock::now() < until) read_some(20);
  return screen_.find(part) != std::string::npos;
}

int AtTerminal::ends() {
  const auto until = Clock::now() + std::chrono::seconds(10);
  int status = 0;
  while (::waitpid(pid_, &status, WNOHANG) == 0) {
    if (Clock::now() > until) return -1;
    read_some(10);
  }
  pid_ = -1;
  while (read_some(50)) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool AtTerminal::echoes() const {
  termios now{};
  return ::tcgetattr(slave_, &now) == 0 && (now.c_lflag & ECHO) != 0;
}

bool AtTerminal::as_before() const {
  termios now{};
  return ::tcgetattr(slave_, &now) == 0 && std::memcmp(&now, &before_, sizeof now) == 0;
}

}  // namespace faceauth::test
