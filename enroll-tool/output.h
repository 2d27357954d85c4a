// The tool's two voices: one JSON object on stdout for programs, sentences for people.
// Words for people go to stderr, save what a command was asked to show (list, status, verify, identify).
#pragma once

#include <enroll-tool/exit_codes.h>
#include <faceauth/result.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth::enroll {

// How a piece of text stands out where colours are wanted. Never the only bearer of a meaning.
enum class Tone : std::uint8_t { plain, good, warning, bad, faint, strong };
struct Piece {
  Tone tone = Tone::plain;
  std::string text;
};

// Standard output is a terminal that knows colours, and nobody set NO_COLOR (no-color.org).
[[nodiscard]] bool colour_wanted();

class Output {
 public:
  bool json = false;
  bool events = false;  // with json: every event is an object of its own, a line each; the last is the result
  bool colour = false;  // in what is shown on stdout
  bool quiet = false;   // no guidance and no word of success; errors and what was asked for remain

  // Guidance and progress, a line on stderr.
  void say(std::string_view text) const;
  void warn(std::string_view text) const;
  void complain(std::string_view text) const;
  // A line of what was asked for, on stdout; nothing in JSON mode.
  void show(std::string_view text) const;
  std::vector<std::string>* held = nullptr;  // where guidance and warnings go while the terminal shows a page
  // One of events, on stdout at once; nothing without them.
  void event(const nlohmann::ordered_json& value) const;
  void show(const std::vector<Piece>& line) const;
  // The text behind `lead`, which takes `indent` columns; on a terminal in rows of whole words, all as far indented.
  void show_wrapped(const std::vector<Piece>& lead, std::size_t indent, const std::string& text) const;
  // Printable, and with the tone's colour around it where that is wanted.
  [[nodiscard]] std::string painted(const Piece& piece) const;
  // The object, on stdout; nothing for people.
  void object(const nlohmann::ordered_json& value) const;

  // How a command ends: the object {"ok":true,...more} or the sentence.
  Exit done(const nlohmann::ordered_json& more, std::string_view sentence) const;
  Exit failed(const Error& error) const;
  Exit failed(const Error& error, const nlohmann::ordered_json& more) const;
};

// JSON text on one line; bytes that are no UTF-8 are replaced.
[[nodiscard]] std::string to_line(const nlohmann::ordered_json& value);

// Empty text says "none".
[[nodiscard]] nlohmann::ordered_json string_or_null(const std::string& text);

// A score with four decimals, enough to compare and short to read.
[[nodiscard]] double rounded(float score);

}  // namespace faceauth::enroll
