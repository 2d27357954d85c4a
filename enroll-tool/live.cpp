#include <enroll-tool/live.h>
#include <enroll-tool/words.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr unsigned kLinesBelow = 6;
constexpr unsigned kPictureWidthMost = 480;  // pixels; larger ones take terminals too long
constexpr milliseconds kDrawPause{80};       // between two pictures at least; longer where drawing takes long
constexpr milliseconds kKeysEvery{200};
constexpr Colour kGood{64, 220, 96}, kNotYet{250, 190, 40};

const char* notice_name(wire::Notice code) {
  switch (code) {
    case wire::Notice::scanning:
      return "scanning";
    case wire::Notice::frame_issue:
      return "issue";
    case wire::Notice::template_taken:
      return "taken";
    case wire::Notice::weak_liveness:
      return "weak-liveness";
    case wire::Notice::movement:
      return "movement";
    case wire::Notice::templates_stored:
      return "stored";
    case wire::Notice::somebody_else:
      return "somebody-else";
    case wire::Notice::other_user:
      return "other-user";
    case wire::Notice::pose:
      return "pose";
  }
  return "notice";
}

Json event_of(const wire::NoticeBody& n) {
  Json event{{"event", notice_name(n.code)}};
  switch (n.code) {
    case wire::Notice::frame_issue:
      event["issue"] = face_issue_name(static_cast<FaceIssue>(n.detail));
      break;
    case wire::Notice::template_taken:
      event["taken"] = n.detail;
      event["total"] = n.total;
      break;
    case wire::Notice::templates_stored:
      event["templates"] = n.detail;
      event["views"] = n.total;
      break;
    case wire::Notice::movement:
      event["text"] = movement_words(static_cast<Movement>(n.detail));
      break;
    case wire::Notice::pose:
      event["pose"] = pose_name(static_cast<Pose>(n.detail));
      event["text"] = pose_words(static_cast<Pose>(n.detail));
      break;
    default:
      break;
  }
  return event;
}

std::string bar(unsigned done, unsigned total, unsigned width) {
  const unsigned full = total == 0 ? 0 : std::min(width, done * width / total);
  std::string text = "[";
  for (unsigned i = 0; i < width; ++i) text += i < full ? '#' : '.';
  return text + fmt::format("] {} of {}", done, total);
}

Result<std::unique_ptr<Screen>> screen_for(const Output& out, const LiveOptions& options) {
  if (!options.page || out.json || out.quiet || ::isatty(STDERR_FILENO) != 1)
    return fail(Errc::invalid_argument, "no page is wanted");
  return Screen::open(options.graphics);
}

}  // namespace

Live::Live(const Output& out, LiveOptions options)
    : out_(out), options_(std::move(options)), guide_out_(out), guide_(guide_out_) {
  if (auto screen = screen_for(out_, options_)) screen_ = *std::move(screen);
  if (screen_) guide_out_.held = &held_;
}

void Live::end() {
  if (!screen_) return;
  screen_->close();
  screen_.reset();
  guide_out_.held = nullptr;
  for (const std::string& line : held_) out_.warn(line);
}

Result<Answer> Live::last(Connection& connection, milliseconds within) {
  const Deadline silence_ends(milliseconds{limits::kConversationMs} + within);
  Deadline heard(connection.patience(within));
  while (silence_ends.left_ms() > 0) {
    if (screen_) {
      if (Clock::now() >= next_draw_) draw();
      const Screen::Event event = screen_->wait(connection.fd(), kKeysEvery);
      if (event == Screen::Event::quit) {
        left_ = true;
        return fail(Errc::cancelled, "ended before anybody was registered");
      }
      if (event == Screen::Event::resized) {
        screen_->write("\x1b[2J");
        stale_ = true;
      }
      if (event != Screen::Event::input && heard.left_ms() > 0) continue;
      if (event != Screen::Event::input) break;
    }
    Result<std::optional<Answer>> answer = take(connection, within);
    if (!answer) return fail(std::move(answer));
    if (*answer) return **std::move(answer);
    heard = Deadline(connection.patience(within));
  }
  return fail(Errc::unreachable, "the daemon gave no answer in all this time; see its log");
}

// Nothing for what only tells something.
Result<std::optional<Answer>> Live::take(Connection& connection, milliseconds within) {
  Result<Answer> answer = connection.next(within);
  if (!answer) return fail(std::move(answer));
  switch (answer->type) {
    case wire::Type::picture:
      pictures_ = std::make_unique<PictureReader>(connection.take_file());
      return std::optional<Answer>();
    case wire::Type::view: {
      const auto view = Connection::decoded<wire::View>(*answer, wire::Type::view);
      if (!view) return tl::unexpected<Error>(view.error());
      see(*view);
      return std::optional<Answer>();
    }
    case wire::Type::notice:
      notice(*answer);
      return std::optional<Answer>();
    default:
      return std::optional(*answer);
  }
}

void Live::see(const wire::View& view) {
  const bool news = !view_ || view_->issue != view.issue;
  view_ = view;
  if (pictures_)
    if (std::optional<Picture> fresh = pictures_->next()) picture_ = std::move(fresh);
  stale_ = true;
  if (out_.events) tell_event(view);
  if (news) advice_ = advice_for(view.issue);
  if (news && !screen_ && !out_.events && options_.page) out_.say(advice_);
}

// In a preview nobody waits for a picture that needs the person to hold still.
const char* Live::advice_for(FaceIssue issue) const {
  const bool registers = guide_.total() > 0 || !guide_.pose_advice().empty();
  return issue == FaceIssue::none && !registers ? "good: your face is well seen" : guide_.advice(issue);
}

void Live::tell_event(const wire::View& view) {
  Json event{{"event", "view"},
             {"issue", face_issue_name(view.issue)},
             {"text", advice_for(view.issue)},
             {"faces", view.faces},
             {"box", view.faces == 0 ? Json()
                                     : Json::array({rounded(view.box[0]), rounded(view.box[1]), rounded(view.box[2]),
                                                    rounded(view.box[3])})},
             {"frame", picture_ ? Json::array({picture_->source_width, picture_->source_height}) : Json()},
             {"yaw", rounded(view.yaw_deg)},
             {"pitch", rounded(view.pitch_deg)}};
  if (picture_ && options_.pictures)
    event["picture"] = {{"width", picture_->width},
                        {"height", picture_->height},
                        {"rgb", base64(picture_->rgb.data(), picture_->rgb.size())}};
  out_.event(event);
}

void Live::notice(Answer answer) {
  const Answer same = answer;
  const auto body = Connection::decoded<wire::NoticeBody>(same, wire::Type::notice);
  if (body && out_.events) out_.event(event_of(*body));
  const std::size_t before = held_.size();
  (void)guide_.tell(answer);
  if (held_.size() == before) return;
  const bool warns = body && (body->code == wire::Notice::weak_liveness || body->code == wire::Notice::other_user);
  if (!warns) {
    advice_ = held_.back();
    held_.resize(before);
  }
  stale_ = true;
}

std::string Live::page_below() const {
  const unsigned width = screen_->size().columns;
  const auto line = [width](std::string_view text) { return std::string(text.substr(0, width)) + "\x1b[K\r\n"; };
  const std::string pose = guide_.pose_advice();
  const bool amiss = view_ && view_->issue != FaceIssue::none;
  std::string text = "\x1b[1m" + line(pose.empty() ? advice_ : pose) + "\x1b[0m";
  text += line(!pose.empty() && amiss ? advice_ : "");
  text += line(guide_.total() == 0 ? "" : bar(guide_.taken(), guide_.total(), std::min(30U, width / 2)));
  return text + "\x1b[2m" + std::string("q ends it").substr(0, width) + "\x1b[0m\x1b[K";
}

// The picture as the terminal shows it, and how many rows it takes.
Live::Drawn Live::drawn_picture(Cells room) const {
  if (!picture_ || room.rows == 0 || screen_->graphics() == Graphics::none) return {};
  Picture shown = *picture_;
  const bool good = view_->issue == FaceIssue::none;
  if (view_->faces > 0)
    draw_box(shown, {view_->box[0], view_->box[1], view_->box[2], view_->box[3]}, good ? kGood : kNotYet);
  const bool blocks = screen_->graphics() == Graphics::blocks || screen_->graphics() == Graphics::blocks_256;
  const CellPixels cell = blocks ? CellPixels{1, 2} : screen_->cell();
  room.columns = std::min(room.columns, std::max(1U, kPictureWidthMost / (blocks ? 3 : cell.width)));
  const Cells area = cells_for(shown, room, cell);
  if (screen_->graphics() == Graphics::sixel) return {sixel(shown, area, cell), area.rows};
  if (screen_->graphics() == Graphics::kitty) return {kitty(shown, area), area.rows};
  return {half_blocks(shown, area, screen_->graphics() == Graphics::blocks), area.rows};
}

void Live::draw() {
  if (!stale_) return;
  stale_ = false;
  const auto begun = Clock::now();
  const Cells page = screen_->size();
  const Drawn picture = drawn_picture({page.columns, page.rows > kLinesBelow + 1 ? page.rows - kLinesBelow - 1 : 0});
  std::string text = "\x1b[?2026h\x1b[H\x1b[1m" + options_.title.substr(0, page.columns) + "\x1b[0m\x1b[K\r\n";
  text += picture.text + fmt::format("\x1b[{};1H", picture.rows + 3) + page_below();
  screen_->write(text + "\x1b[?2026l");
  const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - begun);
  next_draw_ = Clock::now() + std::max(kDrawPause, 2 * took);
}

}  // namespace faceauth::enroll
