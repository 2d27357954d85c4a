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

std::optional<Caller> caller_in(std::string_view unit) {
  constexpr std::string_view kEnd = ".service";
  const std::size_t at = unit.find('@');
  if (at == std::string_view::npos || !unit.ends_with(kEnd)) return std::nullopt;
  unit.remove_suffix(kEnd.size());
  const std::string_view instance = unit.substr(std::min(at + 1, unit.size()));
  const std::size_t before_uid = instance.rfind('-');
  if (before_uid == std::string_view::npos) return std::nullopt;
  const std::string_view front = instance.substr(0, before_uid);
  const std::size_t before_pid = front.rfind('-');
  if (before_pid == std::string_view::npos || before_pid == 0) return std::nullopt;
  const std::string_view process = front.substr(before_pid + 1);
  Caller caller;
  if (!read(instance.substr(before_uid + 1), caller.uid)) return std::nullopt;
  if (!read(process.substr(0, process.find('_')), caller.pid) || caller.pid <= 0) return std::nullopt;
  return caller;
}

std::string command_in(std::string_view text) {
  std::string words(text);
  while (!words.empty() && words.back() == '\0') words.pop_back();
  std::replace(words.begin(), words.end(), '\0', ' ');
  return log::sanitised(words);
}

}  // namespace faceauth
