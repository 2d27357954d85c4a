// Passwords from people and from standard input.
#pragma once

#include <enroll-tool/password.h>
#include <faceauth/result.h>

#include <string_view>

namespace faceauth::enroll {

// Somebody sits there: standard input is a terminal.
[[nodiscard]] bool at_terminal();

inline constexpr std::string_view kPasswordStdin = "--password-stdin", kPassphraseStdin = "--passphrase-stdin";

// On the controlling terminal, echo off while waiting. The terminal is as before when these return and also when a
// signal ends the process. Errors: invalid_argument (also: no terminal, and then it names
// the option that serves `instead`), timed_out, io.
[[nodiscard]] Result<void> ask_password(std::string_view prompt, Password& out,
                                        std::string_view instead = kPasswordStdin);
// Twice, and again when the two differ; three attempts.
[[nodiscard]] Result<void> ask_new_password(Password& out);

// One line from `fd` without its newline, reading not a byte beyond it. Empty, too long or with a NUL is refused.
[[nodiscard]] Result<void> read_password(int fd, Password& out);

}  // namespace faceauth::enroll
