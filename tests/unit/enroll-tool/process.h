// Runs the built enroll-tool.
#pragma once

#include <enroll-tool/fd.h>
#include <sys/types.h>
#include <tests/support/built.h>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace faceauth::test {

using Args = std::vector<std::string>;
inline constexpr uid_t kNobody = 65534;
inline constexpr uid_t kSame = static_cast<uid_t>(-1);

struct Ran {
  int exit = -1;   // -1: not by exit
  int signal = 0;  // that ended it
  bool hung = false;
  std::string out, err;
  std::chrono::milliseconds took{};

  // The one JSON object on stdout; fails the test when there is more, less or something else.
  [[nodiscard]] nlohmann::json json() const;
};

// To its end, with `input` on standard input; killed after twenty seconds.
Ran run_tool(const Args& args, const std::string& input = "", uid_t as = kSame);

// On a terminal of its own.
class OnTerminal {
 public:
  explicit OnTerminal(const Args& args, uid_t as = kSame, const char* program = built::kTool);
  ~OnTerminal();

  // Reads on until `text` has appeared since the last await(); false after ten seconds.
  bool await(const std::string& text);
  void type(const std::string& text) const;
  [[nodiscard]] bool echoes() const;
  void signal(int number) const;
  Ran finish();
  [[nodiscard]] const std::string& screen() const { return screen_; }

 private:
  bool read_some(int timeout_ms);

  enroll::Fd master_, slave_;  // the slave is held open so that its modes can still be read after the end
  pid_t child_ = -1;
  std::string screen_;
  std::size_t matched_ = 0;
};

}  // namespace faceauth::test
