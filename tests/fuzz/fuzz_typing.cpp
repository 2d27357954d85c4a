// A password typed at a terminal while the module waits for the daemon: whatever is typed, the terminal is as it was
// afterwards, and a line is what the kernel's own editing makes of the same keys. The first byte chooses the terminal's
// settings (see Setting), the rest are keys. The link wraps poll(), so that nobody waits for keys that never come,
// tcgetpgrp(), since the terminal is not the fuzzer's own, and kill(), which would end the fuzzer.
#include "fuzz.h"

#include <pam_module/channel.h>
#include <pam_module/person/terminal.h>

#include <faceauth/limits.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <string_view>

using namespace faceauth;

namespace {

enum Setting : std::uint8_t {
  kNoSignals = 1,     // ISIG is off
  kKeepsTyped = 2,    // NOFLSH
  kBytesAlone = 4,    // no IUTF8
  kReturnAsIs = 8,    // no ICRNL
  kTypesAtOnce = 16,  // no wait for the daemon before the line
};

constexpr std::size_t kKeysMost = 1500;  // the kernel's terminals hold 4095
constexpr int kPatienceMs = 2;           // for keys on their way through the kernel

struct Pty {
  int person = -1, program = -1;
  explicit Pty(const termios& settings) {
    fuzz::must(::openpty(&person, &program, nullptr, &settings, nullptr) == 0, "a terminal");
    (void)::fcntl(person, F_SETFL, O_NONBLOCK);
  }
  ~Pty() {
    hang_up();
    ::close(program);
  }
  Pty(const Pty&) = delete;
  Pty& operator=(const Pty&) = delete;
  void hang_up() {
    if (person >= 0) ::close(person);
    person = -1;
  }
  void type(std::string_view keys) const { (void)!::write(person, keys.data(), keys.size()); }
};

Pty* sat_at = nullptr;

termios settings_for(std::uint8_t choice) {
  termios settings{};
  settings.c_iflag = ICRNL | IUTF8 | IXON;
  settings.c_oflag = OPOST | ONLCR;
  settings.c_cflag = CS8 | CREAD;
  settings.c_lflag = ICANON | ECHO | ISIG;  // no IEXTEN: its keys are the kernel's alone
  const std::pair<int, cc_t> keys[] = {{VINTR, 3},  {VQUIT, 28},   {VERASE, 127}, {VKILL, 21}, {VEOF, 4},
                                       {VSUSP, 26}, {VWERASE, 23}, {VSTART, 17},  {VSTOP, 19}, {VMIN, 1}};
  for (const auto& [which, key] : keys) settings.c_cc[which] = key;
  if ((choice & kNoSignals) != 0) settings.c_lflag &= ~static_cast<tcflag_t>(ISIG);
  if ((choice & kKeepsTyped) != 0) settings.c_lflag |= NOFLSH;
  if ((choice & kBytesAlone) != 0) settings.c_iflag &= ~static_cast<tcflag_t>(IUTF8);
  if ((choice & kReturnAsIs) != 0) settings.c_iflag &= ~static_cast<tcflag_t>(ICRNL);
  return settings;
}

// What a program that reads lines gets of the keys: the first line that is not empty.
std::string first_line(const termios& settings, std::string_view keys) {
  termios quiet = settings;
  quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  const Pty pty(quiet);
  pty.type(keys);
  for (;;) {
    pollfd p{pty.program, POLLIN, 0};
    if (::poll(&p, 1, 1000) != 1) return {};
    char line[4096];
    const ssize_t size = ::read(pty.program, line, sizeof line);
    if (size <= 0) return {};
    std::string text(line, static_cast<std::size_t>(size));
    if (text.ends_with('\n')) text.pop_back();
    if (!text.empty()) return text;
  }
}

// Where the kernel and the module edit alike: it keeps NUL and a return that is not translated, erases words by letters
// and digits, leaves half a character alone, and forgets earlier lines for a signal's key.
bool edits_alike(std::string_view keys, std::uint8_t choice) {
  const auto differs = [choice](char key) {
    const bool signals = key == 3 || key == 26 || key == 28;
    return (signals && (choice & kNoSignals) == 0) || key == '\0' || key == 23 ||
           (key == '\r' && (choice & kReturnAsIs) != 0) || (key & 0x80) != 0;
  };
  return std::none_of(keys.begin(), keys.end(), differs);
}

bool same(const termios& a, const termios& b) {
  return a.c_iflag == b.c_iflag && a.c_oflag == b.c_oflag && a.c_cflag == b.c_cflag && a.c_lflag == b.c_lflag &&
         std::equal(std::begin(a.c_cc), std::end(a.c_cc), std::begin(b.c_cc));
}

// Which of the signals that the module may hold back are held back.
unsigned held_back() {
  sigset_t mask;
  fuzz::must(::pthread_sigmask(SIG_BLOCK, nullptr, &mask) == 0, "a mask of signals");
  unsigned bits = 0;
  for (int signal = 1; signal < 32; ++signal)
    if (sigismember(&mask, signal) == 1) bits |= 1U << signal;
  return bits;
}

int next_descriptor() {
  const int fd = ::dup(STDERR_FILENO);
  ::close(fd);
  return fd;
}

}  // namespace

extern "C" int __real_poll(pollfd* fds, nfds_t count, int timeout);
extern "C" int __wrap_poll(pollfd* fds, nfds_t count, int timeout) {
  if (sat_at == nullptr || timeout == 0) return __real_poll(fds, count, timeout);
  const int ready = __real_poll(fds, count, std::min(timeout, kPatienceMs));
  if (ready != 0) return ready;
  sat_at->hang_up();  // the person has typed all that he ever will
  return __real_poll(fds, count, timeout);
}
extern "C" pid_t __wrap_tcgetpgrp(int) { return ::getpgrp(); }
extern "C" int __wrap_kill(pid_t, int) { return 0; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > kKeysMost) return 0;
  const std::uint8_t choice = data[0];
  const std::string_view keys(reinterpret_cast<const char*>(data + 1), size - 1);
  const termios settings = settings_for(choice);
  const unsigned held = held_back();
  const int descriptor = next_descriptor();
  std::string line;
  bool typed = false;
  {
    Pty pty(settings);
    sat_at = &pty;
    const int own = ::dup(STDIN_FILENO);
    ::dup2(pty.program, STDIN_FILENO);
    termios before{}, after{};
    ::tcgetattr(pty.program, &before);
    {
      char name[64];
      pam::Terminal terminal;
      fuzz::must(::ttyname_r(pty.program, name, sizeof name) == 0 && terminal.take(name), "the terminal is taken");
      pty.type(keys);
      int silent[2];
      fuzz::must(::pipe2(silent, O_CLOEXEC) == 0, "a daemon that says nothing");
      const bool begun =
          (choice & kTypesAtOnce) != 0 ||
          terminal.wait(silent[0], pam::now_ms() + limits::kConversationMs) == pam::Terminal::Woke::typing;
      typed = begun && terminal.read_line();
      if (typed) line = terminal.line();
      ::close(silent[0]);
      ::close(silent[1]);
    }
    // One that was hung up has no settings any more.
    fuzz::must(pty.person < 0 || (::tcgetattr(pty.program, &after) == 0 && same(before, after)),
               "the terminal is what it was");
    ::dup2(own, STDIN_FILENO);
    ::close(own);
    sat_at = nullptr;
  }
  fuzz::must(held_back() == held, "signals are held back as before");
  fuzz::must(next_descriptor() == descriptor, "no descriptor stays open");
  fuzz::must(!typed || (!line.empty() && line.size() <= limits::kPasswordMax),
             "a line is something, and within bounds");
  if (typed && edits_alike(keys, choice))
    fuzz::must(line == first_line(settings, keys), "the line is the one that the kernel would read");
  return 0;
}
