#include <enroll-tool/output.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

void put(std::FILE* to, std::string_view prefix, std::string_view text) {
  const std::string line = fmt::format("{}{}\n", prefix, printable(text));
  std::fwrite(line.data(), 1, line.size(), to);
}

// The eight colours every terminal has, in whatever shade its owner likes to read.
const char* code_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "32";
    case Tone::warning:
      return "33";
    case Tone::bad:
      return "1;31";
    case Tone::faint:
      return "2";
    case Tone::strong:
      return "1";
    case Tone::plain:
      break;
  }
  return "0";
}

// Columns behind an indent; without a bound for a pipe, and for a terminal narrower than sense.
std::size_t room_behind(std::size_t indent) {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2 * indent + 1) return std::string::npos;
  return size.ws_col - indent;
}

// Rows of whole words; a longer word has a row of its own.
std::vector<std::string> wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> rows;
  std::string rest = text;
  while (rest.size() > width) {
    std::size_t end = rest.rfind(' ', width);
    if (end == std::string::npos || end == 0) end = rest.find(' ', width);
    if (end == std::string::npos) break;
    rows.push_back(rest.substr(0, end));
    rest.erase(0, end + 1);
  }
  rows.push_back(std::move(rest));
  return rows;
}

}  // namespace

bool colour_wanted() {
  const char* no = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
  return ::isatty(STDOUT_FILENO) == 1 && (no == nullptr || *no == '\0') && !dumb;
}

void Output::say(std::string_view text) const {
  if (held != nullptr) return held->push_back(printable(text));
  if (!quiet && !text.empty()) put(stderr, "", text);
}

void Output::warn(std::string_view text) const {
  if (held != nullptr) return held->push_back(printable(text));
  put(stderr, "enroll-tool: warning: ", text);
}

void Output::complain(std::string_view text) const { put(stderr, "enroll-tool: ", text); }

void Output::show(std::string_view text) const {
  if (!json) put(stdout, "", text);
}

void Output::show(const std::vector<Piece>& line) const {
  if (json) return;
  std::string text;
  for (const Piece& piece : line) text += painted(piece);
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void Output::show_wrapped(const std::vector<Piece>& lead, std::size_t indent, const std::string& text) const {
  const std::vector<std::string> rows = wrapped(text, room_behind(indent));
  std::vector<Piece> first = lead;
  first.push_back({Tone::plain, rows.front()});
  show(first);
  for (std::size_t i = 1; i < rows.size(); ++i) show({{Tone::plain, std::string(indent, ' ') + rows[i]}});
}

std::string Output::painted(const Piece& piece) const {
  std::string text = printable(piece.text);
  if (!colour || piece.tone == Tone::plain || text.empty()) return text;
  return fmt::format("\033[{}m{}\033[0m", code_of(piece.tone), text);
}

void Output::event(const nlohmann::ordered_json& value) const {
  if (!events) return;
  const std::string line = to_line(value) + "\n";
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fflush(stdout);
}

void Output::object(const nlohmann::ordered_json& value) const {
  nlohmann::ordered_json result{{"event", "result"}};
  result.update(value);
  const std::string line = to_line(events ? result : value) + "\n";
  if (json) std::fwrite(line.data(), 1, line.size(), stdout);
}

Exit Output::done(const nlohmann::ordered_json& more, std::string_view sentence) const {
  nlohmann::ordered_json value{{"ok", true}};
  value.update(more);
  object(value);
  say(sentence);
  return Exit::ok;
}

Exit Output::failed(const Error& error) const { return failed(error, nlohmann::ordered_json::object()); }

Exit Output::failed(const Error& error, const nlohmann::ordered_json& more) const {
  nlohmann::ordered_json value{{"error", errc_name(error.code)}, {"message", error.message}};
  value.update(more);
  object(value);
  complain(error.message);
  return exit_of(error.code);
}

std::string to_line(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

nlohmann::ordered_json string_or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

double rounded(float score) { return std::round(double{score} * 1e4) / 1e4; }

}  // namespace faceauth::enroll
