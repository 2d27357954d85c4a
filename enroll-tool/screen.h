// A terminal as a page to draw on: keys unechoed, the page before it untouched, everything as before at the end, also
// when a signal ends the process.
#pragma once

#include <enroll-tool/fd.h>
#include <enroll-tool/graphics.h>
#include <faceauth/result.h>
#include <termios.h>

#include <array>
#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <string_view>

namespace faceauth::enroll {

// What a terminal said to the questions of Screen, in the order of its talking.
struct TerminalAnswers {
  bool sixel = false, kitty = false, true_color = false;
  unsigned colour_registers = 0;  // 0: it did not say
  CellPixels cell{0, 0};          // likewise
  bool complete = false;          // it named its attributes, which is the last question
};
[[nodiscard]] TerminalAnswers parse_answers(std::string_view text);

class Screen {
 public:
  // The controlling terminal. Nothing where there is none, or one that can show no page (TERM=dumb). `wanted`: none
  // finds out what it can show. Errors: invalid_argument.
  [[nodiscard]] static Result<std::unique_ptr<Screen>> open(Graphics wanted = Graphics::none);
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;
  ~Screen();

  [[nodiscard]] Graphics graphics() const { return graphics_; }
  [[nodiscard]] Cells size() const;
  [[nodiscard]] CellPixels cell() const;
  void write(std::string_view text);

  // input: `fd` has something to read. quit: q, Escape or Ctrl-C, or a signal that ends programs.
  enum class Event { nothing, input, quit, resized };
  [[nodiscard]] Event wait(int fd, std::chrono::milliseconds most);

  // Gives the terminal back, and lets a signal that came do what it would have done. Nothing can be shown afterwards.
  void close();

 private:
  explicit Screen(Fd tty) : tty_(std::move(tty)) {}
  Result<void> take();
  void ask_what_it_can();
  [[nodiscard]] bool key_quits();

  static constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};

  Fd tty_;
  Graphics graphics_ = Graphics::none;
  CellPixels cell_{0, 0};
  bool taken_ = false;
  termios modes_{};
  sigset_t before_{};
  std::array<struct sigaction, kSignals.size()> actions_{};
};

}  // namespace faceauth::enroll
