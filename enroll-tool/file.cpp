#include <enroll-tool/fd.h>
#include <enroll-tool/file.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <system_error>

namespace faceauth::enroll {

namespace {

tl::unexpected<Error> failed(const std::string& path) {
  return fail(errno == ENOENT ? Errc::not_found : Errc::io, fmt::format("{}: {}", path, reason()));
}

}  // namespace

std::string reason(int error) { return std::generic_category().message(error); }

Result<std::string> read_open_file(int fd, const std::string& path, FileKind kind) {
  const auto too_large = [&] { return fail(Errc::io, fmt::format("{}: too large for {}", path, kind.name)); };
  struct stat info {};
  if (::fstat(fd, &info) != 0) return failed(path);
  if (!S_ISREG(info.st_mode)) return fail(Errc::io, fmt::format("{}: not a regular file", path));
  if (info.st_size > kind.most) return too_large();
  std::string text(static_cast<std::size_t>(kind.most) + 1, '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t n = ::pread(fd, text.data() + filled, text.size() - filled, static_cast<off_t>(filled));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path);
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  if (filled == text.size()) return too_large();
  text.resize(filled);
  return text;
}

Result<std::string> read_file(const std::string& path, FileKind kind, int flags) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags));
  if (!fd.valid()) return failed(path);
  return read_open_file(fd.get(), path, kind);
}

}  // namespace faceauth::enroll
