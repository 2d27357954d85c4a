#include <faced/server/process_text.h>

#include <faced/util/log_format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace faceauth {
namespace {

// Counted from the state on; see proc(5).
constexpr int kParent = 1, kBegan = 19;

std::string_view take_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

template <class Number>
bool read(std::string_view word, Number& out) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  return error == std::errc{} && end == word.data() + word.size();
}

}  // namespace

std::optional<ProcessStat> process_stat_in(std::string_view text) {
  const std::size_t open = text.find('('), close = text.rfind(") ");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;
  ProcessStat stat;
  stat.command = text.substr(open + 1, close - open - 1);
  std::string_view rest = text.substr(close + 2);
  for (int i = 0; i <= kBegan; ++i) {
    const std::string_view word = take_word(rest);
    if (i == kParent && (!read(word, stat.parent) || stat.parent < 0)) return std::nullopt;
    if (i == kBegan && !read(word, stat.began_at_tick)) return std::nullopt;
  }
  return stat;
}

std::string command_in(std::string_view text) {
  std::string words(text);
  while (!words.empty() && words.back() == '\0') words.pop_back();
  std::replace(words.begin(), words.end(), '\0', ' ');
  return log::sanitised(words);
}

}  // namespace faceauth
