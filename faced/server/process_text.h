// What /proc and process 1 say of a process, taken apart. Its name and its arguments are the process's own, who may
// choose them to look like the rest. Pure.
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

struct Caller {
  int pid = 0;
  std::uint32_t uid = 0;
};

// Who connected to the socket that process 1 started a unit for (Accept=yes, AF_UNIX): the end of its instance's name,
// "NAME@NUMBER-PID-UID.service", since systemd 258 "NAME@NUMBER-COOKIE-PID_PIDFDID-UID.service", the pidfd's id not
// everywhere. Nothing where process 1 could not tell, or tells it in another way.
[[nodiscard]] std::optional<Caller> caller_in(std::string_view unit);

// /proc/PID/cmdline, in one line that no terminal obeys.
[[nodiscard]] std::string command_in(std::string_view text);

}  // namespace faceauth
