#include <enroll-tool/deadline.h>
#include <enroll-tool/fd.h>
#include <enroll-tool/file.h>
#include <enroll-tool/terminal.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace faceauth::enroll {

namespace {

constexpr std::chrono::milliseconds kPersonWithin{limits::kConversationMs};
constexpr int kAttempts = 3;

tl::unexpected<Error> too_long() {
  return fail(Errc::invalid_argument,
              fmt::format("the password is too long; at most {} bytes are taken", limits::kPasswordMax));
}

enum class Got { line, end, too_long, nul, signal, timeout, error };

// One line into `out`. `mask` (may be null) holds while waiting, so that a signal blocked before cannot slip in
// between looking for it and going to sleep.
Got read_line(int fd, Password& out, const sigset_t* mask) {
  const Deadline deadline(kPersonWithin);
  Got result = Got::line;
  for (;;) {
    pollfd entry{fd, POLLIN, 0};
    const auto left = deadline.left().count();
    const timespec wait{left / 1000, (left % 1000) * 1'000'000};
    const int ready = ::ppoll(&entry, 1, &wait, mask);
    if (ready == 0) return Got::timeout;
    if (ready < 0 && errno == EINTR) {
      if (mask != nullptr) return Got::signal;
      continue;
    }
    if (ready < 0) return Got::error;
    char c = 0;
    const ssize_t n = ::read(fd, &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Got::error;
    if (n == 0) return result == Got::line && out.empty() ? Got::end : result;
    if (c == '\n') return result;
    if (c == '\0') {
      result = Got::nul;
    } else if (!out.push(c)) {
      result = Got::too_long;  // and on to the end of the line, lest its rest be read as something else
    }
    ::explicit_bzero(&c, sizeof c);
  }
}

volatile std::sig_atomic_t caught = 0;
extern "C" void remember_signal(int number) { caught = number; }

constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

// The terminal with echo off, from construction to destruction. Signals that would end or stop the process are
// held back meanwhile and delivered by deliver(), after the terminal is as it was.
class Prompt {
 public:
  explicit Prompt(int tty) : tty_(tty) { quieten(); }
  ~Prompt() { restore(); }
  Prompt(const Prompt&) = delete;
  Prompt& operator=(const Prompt&) = delete;

  Result<void> ask(std::string_view prompt, Password& out) {
    for (;;) {
      out.wipe();
      print(prompt);
      const Got got = armed_ ? read_line(tty_, out, &before_) : Got::error;
      const std::string cause = got == Got::error ? reason() : std::string();
      print("\n");
      switch (got) {
        case Got::line:
          if (!out.empty()) return {};
          return fail(Errc::invalid_argument, "an empty password is not taken");
        case Got::signal:
          if (!deliver()) return fail(Errc::cancelled, "interrupted");
          continue;
        case Got::too_long:
          return too_long();
        case Got::timeout:
          return fail(Errc::timed_out, "no password was given in time");
        case Got::nul:
        case Got::end:
          return fail(Errc::invalid_argument, "no password was given");
        case Got::error:
          return fail(Errc::io, fmt::format("the terminal cannot be used: {}", cause));
      }
    }
  }

  void print(std::string_view text) const {
    // Nothing helps against a terminal that takes no text; reading from it will fail.
    static_cast<void>(!::write(tty_, text.data(), text.size()));
  }

 private:
  void quieten() {
    sigset_t held;
    ::sigemptyset(&held);
    for (const int number : kSignals) ::sigaddset(&held, number);
    ::sigprocmask(SIG_BLOCK, &held, &before_);
    caught = 0;
    struct sigaction action {};
    action.sa_handler = remember_signal;
    ::sigemptyset(&action.sa_mask);
    for (std::size_t i = 0; i < kSignals.size(); ++i) {
      ::sigaction(kSignals[i], nullptr, &actions_[i]);
      if (actions_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
    }
    armed_ = ::tcgetattr(tty_, &modes_) == 0;
    if (!armed_) return;
    termios silent = modes_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHOE | ECHOK | ECHONL);
    silent.c_lflag |= ICANON | ISIG;
    // What was typed before the prompt was not meant as a password.
    armed_ = ::tcsetattr(tty_, TCSAFLUSH, &silent) == 0;
  }

  void restore() {
    if (armed_) ::tcsetattr(tty_, TCSAFLUSH, &modes_);
    for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &actions_[i], nullptr);
    ::sigprocmask(SIG_SETMASK, &before_, nullptr);
  }

  // Lets the signal do what it would have done. True when the process goes on after a stop.
  bool deliver() {
    const int number = caught;
    restore();
    if (number != 0) ::raise(number);
    quieten();
    return number == SIGTSTP || number == 0;
  }

  int tty_;
  bool armed_ = false;
  termios modes_{};
  sigset_t before_{};
  std::array<struct sigaction, kSignals.size()> actions_{};
};

Result<Fd> open_terminal(std::string_view instead) {
  Fd tty(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!tty.valid())
    return fail(Errc::invalid_argument, fmt::format("there is no terminal to ask for the {}; use {}",
                                                    instead == kPassphraseStdin ? "passphrase" : "password", instead));
  return tty;
}

}  // namespace

bool at_terminal() { return ::isatty(STDIN_FILENO) == 1; }

Result<void> ask_password(std::string_view question, Password& out, std::string_view instead) {
  Result<Fd> tty = open_terminal(instead);
  if (!tty) return fail(std::move(tty));
  return Prompt(tty->get()).ask(question, out);
}

Result<void> ask_new_password(Password& out) {
  Result<Fd> tty = open_terminal(kPasswordStdin);
  if (!tty) return fail(std::move(tty));
  Prompt prompt(tty->get());
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (auto first = prompt.ask("New password: ", out); !first) return first;
    Password again;
    if (auto second = prompt.ask("The same again: ", again); !second) return second;
    if (out.same_as(again)) return {};
    prompt.print("The two differ.\n");
  }
  out.wipe();
  return fail(Errc::invalid_argument, "the two passwords differed each time; nothing was changed");
}

Result<void> read_password(int fd, Password& out) {
  out.wipe();
  switch (read_line(fd, out, nullptr)) {
    case Got::line:
      if (!out.empty()) return {};
      [[fallthrough]];
    case Got::end:
      return fail(Errc::invalid_argument, "the password on standard input is empty");
    case Got::too_long:
      return too_long();
    case Got::nul:
      return fail(Errc::invalid_argument, "the password on standard input holds a NUL byte");
    case Got::timeout:
      return fail(Errc::timed_out, "no password came on standard input");
    case Got::signal:
    case Got::error:
      break;
  }
  return fail(Errc::io, fmt::format("standard input: {}", reason()));
}

}  // namespace faceauth::enroll
