#include <pam_module/person/terminal.h>

#include <pam_module/channel.h>
#include <pam_module/person/words.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace faceauth::pam {
namespace {

constexpr int kTty = STDIN_FILENO;
// Whatever would end or stop us, or let us go on in somebody else's terminal (SIGCONT after SIGSTOP).
constexpr int kSignals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};

bool in_foreground() noexcept { return ::tcgetpgrp(kTty) == ::getpgrp(); }

const char* without_dev(const char* name) noexcept { return std::strncmp(name, "/dev/", 5) == 0 ? name + 5 : name; }

bool is_applications(const char* tty) noexcept {
  char name[limits::kTtyMax];
  return ::ttyname_r(kTty, name, sizeof name) == 0 && std::strcmp(without_dev(name), without_dev(tty)) == 0 &&
         (::fcntl(kTty, F_GETFL) & O_ACCMODE) == O_RDWR && in_foreground();
}

// Never waits: while signals are held back, nobody could end a write to a terminal whose output stands still.
void put(const char* text) noexcept {
  pollfd p{kTty, POLLOUT, 0};
  if (::poll(&p, 1, 0) == 1 && p.revents == POLLOUT) (void)!::write(kTty, text, std::strlen(text));
}

bool can_clear_line() noexcept {
  const char* term = std::getenv("TERM");
  return term != nullptr && *term != '\0' && std::strcmp(term, "dumb") != 0;
}

}  // namespace

Terminal::~Terminal() {
  release();
  wipe();
}

bool Terminal::take(const char* tty) noexcept {
  if (taken_ || !is_applications(tty) || ::tcgetattr(kTty, &saved_) != 0 || !block_signals()) return false;
  taken_ = true;
  termios hidden = saved_;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ECHONL | ISIG | IEXTEN);
  hidden.c_cc[VMIN] = 0;  // another program may take the key that we were told of (`sudo x | less`): no read waits
  hidden.c_cc[VTIME] = 0;
  if (::tcsetattr(kTty, TCSANOW, &hidden) == 0) return true;  // neither flushes: what was typed ahead is kept
  release();
  return false;
}

// What the host ignores, or holds back itself, is left to it.
bool Terminal::block_signals() noexcept {
  sigset_t ours;
  sigemptyset(&ours);
  if (::pthread_sigmask(SIG_BLOCK, nullptr, &mask_) != 0) return false;
  for (const int signal : kSignals) {
    struct sigaction action {};
    const bool ignored = ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
    if (!ignored && sigismember(&mask_, signal) == 0) sigaddset(&ours, signal);
  }
  signals_ = ::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
  return signals_ >= 0 && ::pthread_sigmask(SIG_BLOCK, &ours, nullptr) == 0;
}

// In the background the terminal is another job's, and its shell has set it right.
void Terminal::release() noexcept {
  if (!taken_) return;
  taken_ = false;
  if (in_foreground()) {
    put("\n");
    ::tcsetattr(kTty, TCSANOW, &saved_);
  }
  ::close(signals_);
  ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
}

void Terminal::show(const char* prompt) noexcept {
  char text[256];
  const char* before = !shown_ ? "" : can_clear_line() ? "\r\033[K" : "\n";
  std::snprintf(text, sizeof text, "%s%s", before, prompt);
  put(text);
  shown_ = true;
}

Terminal::Woke Terminal::wait(int fd, std::int64_t until_ms) noexcept {
  for (;;) {
    const std::int64_t left = until_ms - now_ms();
    if (left <= 0) return Woke::other;
    pollfd p[] = {{kTty, POLLIN, 0}, {signals_, POLLIN, 0}, {fd, POLLIN, 0}};
    const int n = ::poll(p, 3, static_cast<int>(std::min<std::int64_t>(left, limits::kConversationMs)));
    if (n < 0 && errno == EINTR) continue;  // the host's own signals, a changed window's among them
    if (n < 0 || p[1].revents != 0) return leave(0);
    const Woke key = p[0].revents != 0 ? read_key(fd >= 0, p[0].revents == POLLIN) : Woke::other;
    if (key != Woke::other) return key;
    if (p[2].revents != 0) return Woke::other;
  }
}

bool Terminal::read_line() noexcept {
  show(translated("Password: "));
  Woke woke = Woke::typing;
  while (woke == Woke::typing) woke = wait(-1, now_ms() + limits::kConversationMs);
  release();
  return woke == Woke::line && size_ > 0 && !too_long_;
}

// One at a time: what follows the line is for whoever reads next.
Terminal::Woke Terminal::read_key(bool waiting, bool connected) noexcept {
  unsigned char key = 0;
  const ssize_t n = ::read(kTty, &key, 1);
  if (n == 1) return edit(key, waiting);
  const bool taken_by_another = n == 0 && connected;
  return taken_by_another || (n < 0 && (errno == EAGAIN || errno == EINTR)) ? Woke::other : leave(0);
}

bool Terminal::is(unsigned char key, int which) const noexcept {
  return saved_.c_cc[which] != _POSIX_VDISABLE && key == saved_.c_cc[which];
}

Terminal::Woke Terminal::edit(unsigned char key, bool waiting) noexcept {
  constexpr int kSignalKeys[][2] = {{VINTR, SIGINT}, {VQUIT, SIGQUIT}, {VSUSP, SIGTSTP}};
  for (const auto& [which, signal] : kSignalKeys)
    if ((saved_.c_lflag & ISIG) != 0 && is(key, which)) return leave(signal);
  if (is(key, VEOF) && size_ == 0) return leave(0);
  if (key == '\n' || key == '\r' || is(key, VEOF)) return waiting && size_ == 0 ? Woke::other : Woke::line;
  if (is(key, VERASE))
    erase();
  else if (is(key, VWERASE))
    erase_word();
  else if (is(key, VKILL))
    wipe();
  else if (size_ == limits::kPasswordMax)
    too_long_ = true;
  else if (key != '\0')  // no password in C can hold it
    line_[size_++] = static_cast<char>(key);
  return waiting && size_ == 0 ? Woke::other : Woke::typing;
}

void Terminal::erase() noexcept {
  const auto continues = [this] { return (saved_.c_iflag & IUTF8) != 0 && (line_[size_ - 1] & 0xc0) == 0x80; };
  while (size_ > 1 && continues()) line_[--size_] = '\0';
  if (size_ > 0) line_[--size_] = '\0';
}

void Terminal::erase_word() noexcept {
  while (size_ > 0 && line_[size_ - 1] == ' ') line_[--size_] = '\0';
  while (size_ > 0 && line_[size_ - 1] != ' ') line_[--size_] = '\0';
}

// As the terminal's driver would: to the whole foreground, and unless told otherwise what is still unread is dropped.
Terminal::Woke Terminal::leave(int signal) noexcept {
  wipe();
  if (signal != 0 && (saved_.c_lflag & NOFLSH) == 0) ::tcflush(kTty, TCIFLUSH);
  release();
  if (signal != 0) ::kill(0, signal);
  return Woke::left;
}

void Terminal::wipe() noexcept {
  ::explicit_bzero(line_, sizeof line_);
  size_ = 0;
  too_long_ = false;
}

}  // namespace faceauth::pam
