// What a person is shown while the camera looks at him: a page with the picture, advice and a bar on a terminal, an
// event a line for a program, or sentences.
#pragma once

#include <enroll-tool/connection.h>
#include <enroll-tool/images.h>
#include <enroll-tool/output.h>
#include <enroll-tool/picture.h>
#include <enroll-tool/screen.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace faceauth::enroll {

struct LiveOptions {
  std::string title;
  Graphics graphics = Graphics::none;  // none: what the terminal can do
  bool page = true;                    // where there is a terminal
  bool pictures = false;               // in events
};

class Live {
 public:
  Live(const Output& out, LiveOptions options);
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  // The answer after all views and notices. Errors: cancelled when the person has seen enough; Connection::next's.
  [[nodiscard]] Result<Answer> last(Connection& connection, milliseconds within);

  [[nodiscard]] bool was_left() const { return left_; }  // by the person

  // Gives the terminal back, and prints what could not be said meanwhile.
  void end();

  [[nodiscard]] const Guide& guide() const { return guide_; }

 private:
  Result<std::optional<Answer>> take(Connection& connection, milliseconds within);
  void see(const wire::View& view);
  void notice(Answer answer);
  [[nodiscard]] const char* advice_for(FaceIssue issue) const;
  void tell_event(const wire::View& view);
  struct Drawn {
    std::string text;
    unsigned rows = 0;
  };
  [[nodiscard]] Drawn drawn_picture(Cells room) const;
  void draw();
  [[nodiscard]] std::string page_below() const;

  const Output& out_;
  LiveOptions options_;
  std::vector<std::string> held_;  // warnings that came while the page was there
  Output guide_out_;
  Guide guide_;
  std::unique_ptr<Screen> screen_;
  std::unique_ptr<PictureReader> pictures_;
  std::optional<Picture> picture_;
  std::optional<wire::View> view_;
  std::string advice_;
  std::chrono::steady_clock::time_point next_draw_{};
  bool left_ = false;
  bool stale_ = true;  // the page shows something else than what is known
};

}  // namespace faceauth::enroll
