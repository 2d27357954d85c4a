// The terminal that a person sits at, taken for a hidden line while something else is awaited. What it was is what it
// is afterwards, whatever ends the wait. It knows nothing of PAM and of the keeper, and installs no signal handler.
#pragma once

#include <faceauth/limits.h>

#include <termios.h>

#include <csignal>
#include <cstddef>
#include <cstdint>

namespace faceauth::pam {

class Terminal {
 public:
  enum class Woke : std::uint8_t {
    other,   // the other descriptor is readable, or the time is up
    typing,  // there is a first character
    line,    // Enter
    left     // a signal, its key, end of file or hang-up; the terminal was given back before the signal took effect
  };

  Terminal() noexcept = default;
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // Only where the application speaks on that terminal as well (`tty` is its PAM_TTY), it is our standard input, open
  // for both ways, and we are in its foreground; else false, and nothing was touched.
  [[nodiscard]] bool take(const char* tty) noexcept;
  [[nodiscard]] bool taken() const noexcept { return taken_; }
  void show(const char* prompt) noexcept;  // in place of the one before; not while the person holds his output (^S)
  void release() noexcept;

  // Until `fd` is readable or `until_ms`. Enter alone is not heard: it may be left over from an earlier prompt.
  [[nodiscard]] Woke wait(int fd, std::int64_t until_ms) noexcept;
  // The rest of the line, five minutes from key to key at most. False: nothing was typed after all, more than a
  // password can be, or the person left. Gives the terminal back.
  [[nodiscard]] bool read_line() noexcept;
  [[nodiscard]] const char* line() const noexcept { return line_; }
  void wipe() noexcept;

 private:
  [[nodiscard]] bool block_signals() noexcept;
  [[nodiscard]] Woke read_key(bool waiting, bool connected) noexcept;
  [[nodiscard]] Woke edit(unsigned char key, bool waiting) noexcept;
  [[nodiscard]] Woke leave(int signal) noexcept;
  [[nodiscard]] bool is(unsigned char key, int which) const noexcept;
  void erase() noexcept;
  void erase_word() noexcept;

  bool taken_ = false, shown_ = false, too_long_ = false;
  int signals_ = -1;  // readable while one that we hold back is pending
  sigset_t mask_{};
  termios saved_{};
  std::size_t size_ = 0;
  char line_[limits::kPasswordMax + 1] = {};
};

}  // namespace faceauth::pam
