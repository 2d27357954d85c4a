#include <enroll-tool/redaction.h>
#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace faceauth::enroll {

namespace {

// Shorter than 32 letters of hexadecimal, base64 or base32: no key, hash or encoding.
constexpr std::size_t kRunMost = 31;

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.'; }
bool is_run(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/'; }

// A name may hold dots and hyphens; around one they are a sentence's.
bool is_around(char c) { return c == '.' || c == '-'; }

bool stands_alone(const std::string& text, std::size_t at, std::size_t end) {
  while (at > 0 && is_around(text[at - 1])) --at;
  while (end < text.size() && is_around(text[end])) ++end;
  return (at == 0 || !is_word(text[at - 1])) && (end == text.size() || !is_word(text[end]));
}

void replace_word(std::string& text, const std::string& word, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos;) {
    if (!stands_alone(text, at, at + word.size())) {
      ++at;
      continue;
    }
    text.replace(at, word.size(), by);
    at += by.size();
  }
}

std::string without_long_runs(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    bool digit = false;
    while (end < text.size() && is_run(text[end])) digit |= std::isdigit(static_cast<unsigned char>(text[end++])) != 0;
    if (end == i) {
      out += text[i++];
    } else if (end - i <= kRunMost || !digit) {
      out += text.substr(i, end - i);
      i = end;
    } else {
      out += "<removed>";
      i = std::min(text.find_first_not_of('=', end), text.size());  // base64's padding
    }
  }
  return out;
}

bool promises_a_secret(const std::string& name) {
  return name.find("pass") != std::string::npos || name.find("secret") != std::string::npos || name.ends_with("pw") ||
         name.find("token") != std::string::npos;
}

bool is_blank(char c) { return c == ' ' || c == '\t'; }

// Where the value that begins at `at` ends: "quoted", in [brackets] that began before the name as pam.conf(5) has them,
// or a word.
std::size_t end_of_value(const std::string& text, std::size_t at, bool bracketed) {
  const auto up_to = [&](char closing) {
    return std::min(text.find_first_of(std::string("\n") + closing, at), text.size());
  };
  if (bracketed) return up_to(']');
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
    const char quote = text[at++];
    const std::size_t end = up_to(quote);
    return end < text.size() && text[end] == quote ? end + 1 : end;
  }
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) == 0) ++at;
  return at;
}

// `name = value`, of an option whose name promises a secret: its value goes.
std::string without_secrets(const std::string& text) {
  std::string out, lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  std::size_t at = 0;
  for (;;) {
    const std::size_t equal = text.find('=', at);
    if (equal == std::string::npos) break;
    std::size_t end = equal;
    while (end > at && is_blank(text[end - 1])) --end;
    std::size_t begin = end;
    while (begin > at && is_word(text[begin - 1])) --begin;
    std::size_t value = equal + 1;
    while (value < text.size() && is_blank(text[value])) ++value;
    out += text.substr(at, value - at);
    at = value;
    if (!promises_a_secret(lower.substr(begin, end - begin))) continue;
    at = end_of_value(text, value, begin > 0 && text[begin - 1] == '[');
    out += "<removed>";
  }
  return out + text.substr(at);
}

}  // namespace

bool is_one_word(const std::string& text) { return std::all_of(text.begin(), text.end(), is_word); }

std::string redacted(const std::string& text, const std::vector<std::string>& names, const std::string& host) {
  std::string out = without_long_runs(without_secrets(text));
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!names[i].empty()) replace_word(out, names[i], fmt::format("<user {}>", i + 1));
  if (!host.empty()) replace_word(out, host, "<host>");
  return out;
}

}  // namespace faceauth::enroll
