#include "process.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <tests/support/built.h>
#include <unistd.h>
#include <utmp.h>

#include <cerrno>
#include <csignal>

namespace faceauth::test {

namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPatience{20'000};

// What exec needs, made before fork: nothing may be allocated between the two in a threaded program.
struct Image {
  Image(const char* program, const Args& args) : file(::open(program, O_PATH | O_CLOEXEC)), words(args) {
    words.insert(words.begin(), program);
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
  }
  [[noreturn]] void exec(uid_t as) {
    // By descriptor, so that another user can run it from a directory he cannot enter.
    if (as == kSame || (::setgroups(0, nullptr) == 0 && ::setgid(as) == 0 && ::setuid(as) == 0))
      ::fexecve(file.get(), argv.data(), environ);
    ::_exit(127);
  }
  enroll::Fd file;
  Args words;
  std::vector<char*> argv;
};

struct Pipe {
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    read = enroll::Fd(ends[0]);
    write = enroll::Fd(ends[1]);
  }
  enroll::Fd read, write;
};

void note_end(int status, Ran& ran) {
  if (WIFEXITED(status)) ran.exit = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) ran.signal = WTERMSIG(status);
}

}  // namespace

nlohmann::json Ran::json() const {
  nlohmann::json value = nlohmann::json::parse(out, nullptr, false);
  EXPECT_TRUE(value.is_object()) << "stdout: " << out;
  return value;
}

Ran run_tool(const Args& args, const std::string& input, uid_t as) {
  Image image(built::kTool, args);
  Pipe in, out, err;
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();  // no controlling terminal, wherever the tests run
    ::dup2(in.read.get(), 0);
    ::dup2(out.write.get(), 1);
    ::dup2(err.write.get(), 2);
    image.exec(as);
  }
  in.read = enroll::Fd();
  out.write = enroll::Fd();
  err.write = enroll::Fd();
  EXPECT_LT(input.size(), 65536u) << "more than a pipe holds would need a writer of its own";
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, &before);
  static_cast<void>(!::write(in.write.get(), input.data(), input.size()));
  ::sigaction(SIGPIPE, &before, nullptr);
  in.write = enroll::Fd();

  Ran ran;
  pollfd entries[2] = {{out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}};
  std::string* sinks[2] = {&ran.out, &ran.err};
  while (entries[0].fd >= 0 || entries[1].fd >= 0) {
    if (::poll(entries, 2, static_cast<int>(kPatience.count())) == 0) {
      ran.hung = true;
      ::kill(child, SIGKILL);
    }
    for (int i = 0; i < 2; ++i) {
      if (entries[i].fd < 0 || entries[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t n = ::read(entries[i].fd, buffer, sizeof buffer);
      if (n <= 0)
        entries[i].fd = -1;
      else
        sinks[i]->append(buffer, static_cast<std::size_t>(n));
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  note_end(status, ran);
  ran.took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
  EXPECT_FALSE(ran.hung);
  return ran;
}

OnTerminal::OnTerminal(const Args& args, uid_t as, const char* program) {
  Image image(program, args);
  int master = -1, slave = -1;
  if (::openpty(&master, &slave, nullptr, nullptr, nullptr) != 0) throw std::runtime_error("openpty");
  master_ = enroll::Fd(master);
  slave_ = enroll::Fd(slave);
  ::fcntl(master, F_SETFD, FD_CLOEXEC);
  ::fcntl(slave, F_SETFD, FD_CLOEXEC);
  child_ = ::fork();
  if (child_ == 0) {
    if (::login_tty(slave) != 0) ::_exit(127);
    image.exec(as);
  }
}

OnTerminal::~OnTerminal() {
  if (child_ < 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

bool OnTerminal::read_some(int timeout_ms) {
  pollfd entry{master_.get(), POLLIN, 0};
  if (::poll(&entry, 1, timeout_ms) != 1) return false;
  char buffer[4096];
  const ssize_t n = ::read(master_.get(), buffer, sizeof buffer);
  if (n <= 0) return false;
  screen_.append(buffer, static_cast<std::size_t>(n));
  return true;
}

bool OnTerminal::await(const std::string& text) {
  for (;;) {
    if (const auto at = screen_.find(text, matched_); at != std::string::npos) {
      matched_ = at + text.size();
      return true;
    }
    if (!read_some(10'000)) return false;
  }
}

void OnTerminal::type(const std::string& text) const {
  static_cast<void>(!::write(master_.get(), text.data(), text.size()));
}

bool OnTerminal::echoes() const {
  termios modes{};
  ::tcgetattr(slave_.get(), &modes);
  return (modes.c_lflag & ECHO) != 0;
}

void OnTerminal::signal(int number) const { ::kill(child_, number); }

Ran OnTerminal::finish() {
  Ran ran;
  int status = 0;
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  while (::waitpid(child_, &status, WNOHANG) == 0) {
    read_some(20);
    if (std::chrono::steady_clock::now() > give_up) {
      ran.hung = true;
      ::kill(child_, SIGKILL);
    }
  }
  child_ = -1;
  while (read_some(0)) {
  }
  note_end(status, ran);
  ran.out = screen_;
  EXPECT_FALSE(ran.hung);
  return ran;
}

}  // namespace faceauth::test
