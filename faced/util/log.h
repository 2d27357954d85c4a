// Structured logging: sd_journal fields under systemd (JOURNAL_STREAM is set), plain lines on stderr otherwise.
// Messages and field values never hold secrets or scores. Only the keeper's main, server and link log; the layers
// below return errors.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace faceauth::log {

enum class Level { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };  // syslog priorities

// Journal field names are upper case: {"FACEAUTH_USER", "ann"}. Values are sanitised: control characters become '?'.
struct Field {
  std::string_view name;
  std::string_view value;
};

void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

inline void error(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::error, m, f); }
inline void warning(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::warning, m, f); }
inline void notice(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::notice, m, f); }
inline void info(std::string_view m, std::initializer_list<Field> f = {}) { write(Level::info, m, f); }

}  // namespace faceauth::log
