// A person at a terminal of his own, before a program that authenticates him (terminal_host.cpp).
#pragma once

#include <unit/support/temp_dir.h>

#include <sys/types.h>
#include <termios.h>

#include <string>
#include <vector>

namespace faceauth::test {

struct Host {
  std::string tty = "-";  // PAM_TTY; that of the terminal
  std::string how = "plain";
  int flags = 0;
  bool stdin_is_pipe = false;
  std::vector<std::string> environment = {"TERM=xterm", "LC_ALL=C.UTF-8"};
};

class AtTerminal {
 public:
  // `lines` of the service file, with @MODULE@ for ours and @PROBE@ for probe_module.c. Begins at once; `typed_ahead`
  // is in the terminal before the program runs.
  explicit AtTerminal(const std::string& lines, const Host& host = {}, const std::string& typed_ahead = "");
  ~AtTerminal();
  AtTerminal(const AtTerminal&) = delete;
  AtTerminal& operator=(const AtTerminal&) = delete;

  void type(const std::string& keys) const;
  void resize(unsigned columns) const;
  void signal(int number) const;
  void hang_up();  // the window is closed; the program has to be ended by the destructor, if it goes on
  bool shows(const std::string& part, int within_ms = 5000);  // from the beginning
  // Until the program ended: its exit code, 128 + its signal, -1 when it had to be killed after 10 s.
  int ends();
  [[nodiscard]] const std::string& screen() const { return screen_; }
  [[nodiscard]] bool echoes() const;
  [[nodiscard]] bool as_before() const;  // the terminal's settings

 private:
  void run(const Host& host);
  bool read_some(int within_ms);  // false: there was nothing

  TempDir dir_;
  int master_ = -1, slave_ = -1;  // held, so that the terminal outlives the program
  pid_t pid_ = -1;
  termios before_{};
  std::string screen_;
};

}  // namespace faceauth::test
