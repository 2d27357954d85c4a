// How a log entry is written. Apart from log.cpp so that it can be tested without a journal.
#pragma once

#include <faced/util/log.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth::log {

// '?' for control characters (C0, DEL, C1) and for bytes that are no UTF-8: nothing that a terminal obeys.
[[nodiscard]] std::string sanitised(std::string_view text);

// "PROGRAM: warning: message user=ann" and a newline. A field loses its FACEAUTH_ and is written in lower case; a value
// that could be taken for more than one is quoted; a MESSAGE_ID is the journal's alone. `for_systemd` puts the priority
// in front as "<4>".
[[nodiscard]] std::string plain_line(std::string_view program, Level level, std::string_view message,
                                     std::span<const Field> fields, bool for_systemd);

// "NAME=value" for each field of a journal entry.
[[nodiscard]] std::vector<std::string> journal_entry(std::string_view program, Level level, std::string_view message,
                                                     std::span<const Field> fields);

}  // namespace faceauth::log
