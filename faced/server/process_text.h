// What /proc says of a process, taken apart. Its name and its arguments are the process's own, who may choose them to
// look like the rest. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faceauth {

struct ProcessStat {
  std::string command;              // the name that the kernel keeps, of 15 characters at most
  int parent = 0;                   // 0: none
  std::uint64_t began_at_tick = 0;  // since the machine did
};

// /proc/PID/stat: "pid (name) state ppid ..."; the name may itself hold brackets. Nothing where a part is missing.
[[nodiscard]] std::optional<ProcessStat> process_stat_in(std::string_view text);

// /proc/PID/cmdline, in one line that no terminal obeys.
[[nodiscard]] std::string command_in(std::string_view text);

}  // namespace faceauth
