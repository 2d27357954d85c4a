#include <faced/util/log_format.h>

namespace faceauth::log {
namespace {

// Bytes of the printable UTF-8 character at the front of `text`; 0 when there is none.
std::size_t printable(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  const std::size_t size = lead >= 0xc2 && lead <= 0xdf   ? 2
                           : lead >= 0xe0 && lead <= 0xef ? 3
                           : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                          : 0;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xc0U) != 0x80) return 0;
  const unsigned second = byte(1);
  const bool c1_control = lead == 0xc2 && second < 0xa0;
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate_or_beyond = (lead == 0xed && second >= 0xa0) || (lead == 0xf4 && second >= 0x90);
  return c1_control || overlong || surrogate_or_beyond ? 0 : size;
}

const char* level_name(Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warning:
      return "warning";
    case Level::notice:
      return "notice";
    case Level::info:
      return "info";
    case Level::debug:
      return "debug";
  }
  return "error";
}

std::string short_name(std::string_view name) {
  constexpr std::string_view prefix = "FACEAUTH_";
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  std::string out;
  for (const char c : name) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

std::string quoted_if_needed(const std::string& value) {
  if (!value.empty() && value.find_first_of(" =\"\\") == std::string::npos) return value;
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string sanitised(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = printable(text);
    if (size == 0)
      out += '?';
    else
      out += text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return out;
}

std::string plain_line(std::string_view program, Level level, std::string_view message, std::span<const Field> fields,
                       bool for_systemd) {
  std::string line;
  if (for_systemd) line = "<" + std::to_string(static_cast<int>(level)) + ">";
  line.append(program).append(": ").append(level_name(level)).append(": ").append(sanitised(message));
  for (const Field& f : fields)
    if (f.name != "MESSAGE_ID") line += " " + short_name(f.name) + "=" + quoted_if_needed(sanitised(f.value));
  return line + '\n';
}

std::vector<std::string> journal_entry(std::string_view program, Level level, std::string_view message,
                                       std::span<const Field> fields) {
  std::vector<std::string> entry;
  entry.reserve(fields.size() + 3);
  entry.push_back("MESSAGE=" + sanitised(message));
  entry.push_back("PRIORITY=" + std::to_string(static_cast<int>(level)));
  entry.push_back("SYSLOG_IDENTIFIER=" + std::string(program));
  for (const Field& f : fields) entry.push_back(std::string(f.name) + "=" + sanitised(f.value));
  return entry;
}

}  // namespace faceauth::log
