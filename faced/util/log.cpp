// Our call sites are of no interest to administrators, and the CODE_ fields would name the wrapper below.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <faced/util/log.h>
#include <faced/util/log_format.h>

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <span>
#include <string>
#include <vector>

namespace faceauth::log {
namespace {

// systemd connected stderr to the journal and nobody has redirected it since (systemd.exec(5), JOURNAL_STREAM).
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat st {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &st) != 0) return false;
  return std::to_string(st.st_dev) + ":" + std::to_string(st.st_ino) == stream;
}

// sd_journal_sendv answers "done" where there is no journal socket (a chroot), so that is asked first.
bool sent_to_journal(const std::vector<std::string>& entry) {
  if (::access("/run/systemd/journal/socket", W_OK) != 0) return false;
  std::vector<iovec> parts;
  parts.reserve(entry.size());
  for (const std::string& field : entry) parts.push_back({const_cast<char*>(field.data()), field.size()});
  return ::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0;
}

// Mostly in one write, so that lines of several processes do not mix. What stderr does not take is lost.
void write_stderr(std::string_view line) {
  while (!line.empty()) {
    const ssize_t wrote = ::write(STDERR_FILENO, line.data(), line.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return;
    line.remove_prefix(static_cast<std::size_t>(wrote));
  }
}

}  // namespace

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
  const std::span<const Field> all(fields.begin(), fields.size());
  const char* program = program_invocation_short_name;
  const bool journal = stderr_is_journal();
  if (journal && sent_to_journal(journal_entry(program, level, message, all))) return;
  write_stderr(plain_line(program, level, message, all, journal));
}

}  // namespace faceauth::log
