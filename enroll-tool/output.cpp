#include <enroll-tool/output.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

void put(std::FILE* to, std::string_view prefix, std::string_view text) {
  const std::string line = fmt::format("{}{}\n", prefix, printable(text));
  std::fwrite(line.data(), 1, line.size(), to);
}

}  // namespace

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
