// What a report for strangers is made of: lines of the log, in which anybody who asks has his say.
#include "fuzz.h"

#include <enroll-tool/redaction.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>

using namespace faceauth;

namespace {

constexpr const char *kName = "ann", *kOther = "b.o-b", *kHost = "box";

bool is_of_a_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
}
bool is_of_a_key(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

template <class Is, class Check>
void each_run(std::string_view text, Is is, Check check) {
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is);
    const auto size = static_cast<std::size_t>(end - text.begin());
    if (size > 0) check(text.substr(0, size));
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string published = enroll::redacted(text, {kName, kOther}, kHost);
  each_run(published, is_of_a_name, [](std::string_view word) {
    while (!word.empty() && (word.front() == '.' || word.front() == '-')) word.remove_prefix(1);
    while (!word.empty() && (word.back() == '.' || word.back() == '-')) word.remove_suffix(1);
    fuzz::must(word != kName && word != kOther && word != kHost, "nobody is named");
  });
  each_run(published, is_of_a_key, [](std::string_view run) {
    fuzz::must(run.size() < 32 || std::none_of(run.begin(), run.end(), is_digit), "no run is long enough for a key");
  });
  // Whatever stands around it.
  const std::string line = enroll::redacted(text + "\nbind_password = swordfish\n", {kName, kOther}, kHost);
  fuzz::must(line.find("bind_password = swordfish") == std::string::npos, "no secret is told");
  return 0;
}
