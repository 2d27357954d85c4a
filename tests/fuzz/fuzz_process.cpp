// What the kernel tells of a process that asks, in which the process itself chose its name and its arguments, and the
// name that process 1 gave to its unit. The first byte chooses which.
#include "fuzz.h"

#include <faced/server/process_text.h>

#include <algorithm>
#include <string>
#include <string_view>

using namespace faceauth;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  if (data[0] % 3 == 0) {
    const std::optional<Caller> caller = caller_in(text);
    if (!caller) return 0;
    fuzz::must(caller->pid > 0, "who connected has a number");
    fuzz::must(
        text.ends_with('-' + std::to_string(caller->uid) + ".service") || text.find("-0") != std::string_view::npos,
        "a user's number is the whole of the last word");
    return 0;
  }
  if (data[0] % 3 == 2) {
    const std::string command = command_in(text);
    fuzz::must(command.size() <= 4 * text.size(), "a command is no longer than what it was made of");
    fuzz::must(std::none_of(command.begin(), command.end(),
                            [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }),
               "a command steers no terminal");
    return 0;
  }
  const std::optional<ProcessStat> stat = process_stat_in(text);
  if (!stat) return 0;
  fuzz::must(stat->parent >= 0, "a parent has a number");
  fuzz::must(text.find('(' + stat->command + ')') != std::string_view::npos, "a name stands in its brackets");
  // Whatever a process calls itself, what follows its name is the kernel's.
  const std::string named = "1 (" + std::string(text) + ") S 17 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 99 10\n";
  const std::optional<ProcessStat> other = process_stat_in(named);
  fuzz::must(other && other->parent == 17 && other->began_at_tick == 99 && other->command == text,
             "a name changes nothing else");
  return 0;
}
