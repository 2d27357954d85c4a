#include <faced/util/trusted_file.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <deque>
#include <string_view>
#include <system_error>
#include <utility>

namespace faceauth {
namespace {

constexpr int kLinksMax = 40;  // as the kernel's own walk

enum class Kind { file, directory };

// Where the walk stands: everything up to `dir` is opened and trusted.
struct Place {
  Fd dir;
  std::string shown = "/";  // its path with links resolved, for messages

  [[nodiscard]] std::string with(const std::string& name) const {
    return shown == "/" ? "/" + name : shown + "/" + name;
  }
};

std::string reason(int error) { return std::system_category().message(error); }

tl::unexpected<Error> fail_open(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return fail(Errc::not_found, path + ": " + reason(error));
    case ELOOP:
      return fail(Errc::unsafe_path, path + ": is a symbolic link; name the file it points to");
    default:
      return fail(Errc::io, path + ": " + reason(error));
  }
}

bool owner_trusted(const struct stat& st) { return st.st_uid == 0 || st.st_uid == ::geteuid(); }

// `through`: a directory that is only passed. There a root-owned sticky one is as good: nobody can replace the
// entries of others in it.
Result<void> check(const struct stat& st, const std::string& path, bool through) {
  if (!owner_trusted(st))
    return fail(Errc::unsafe_path, path + ": owned by uid " + std::to_string(st.st_uid) + ", expected root or uid " +
                                       std::to_string(::geteuid()) + "; change its owner with chown");
  if (S_ISLNK(st.st_mode)) return {};  // a link's mode means nothing
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0) return {};
  if (through && st.st_uid == 0 && (st.st_mode & S_ISVTX) != 0) return {};
  char mode[16];
  std::snprintf(mode, sizeof mode, "%04o", st.st_mode & 07777U);
  return fail(Errc::unsafe_path, path + ": mode " + mode + " lets group or others write; run: chmod go-w " + path);
}

void split(std::string_view path, std::deque<std::string>& out) {
  std::deque<std::string> parts;
  while (!path.empty()) {
    const std::size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    if (!part.empty() && part != ".") parts.emplace_back(part);
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  out.insert(out.begin(), parts.begin(), parts.end());
}

Result<Place> root() {
  Place place;
  place.dir.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct stat st {};
  if (!place.dir.valid() || ::fstat(place.dir.get(), &st) != 0) return fail_open("/", errno);
  if (auto ok = check(st, "/", true); !ok) return fail(std::move(ok));
  return place;
}

Result<std::string> target_of(const Fd& link, const std::string& path) {
  char buffer[PATH_MAX];
  const ssize_t size = ::readlinkat(link.get(), "", buffer, sizeof buffer);
  if (size <= 0 || static_cast<std::size_t>(size) == sizeof buffer)
    return fail_open(path, size < 0 ? errno : ENAMETOOLONG);
  return std::string(buffer, static_cast<std::size_t>(size));
}

std::string parent_of(const std::string& shown) {
  const std::size_t slash = shown.rfind('/');
  return slash == 0 ? "/" : shown.substr(0, slash);
}

// Goes one component down (or up, or along a link, which puts its target in front of what is `left`).
Result<void> step(Place& place, const std::string& name, std::deque<std::string>& left, int& links) {
  const std::string path = place.with(name);
  Fd next(::openat(place.dir.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat st {};
  if (!next.valid() || ::fstat(next.get(), &st) != 0) return fail_open(path, errno);
  if (auto ok = check(st, path, true); !ok) return ok;
  if (S_ISDIR(st.st_mode)) {
    place.dir = std::move(next);
    place.shown = name == ".." ? parent_of(place.shown) : path;
    return {};
  }
  if (!S_ISLNK(st.st_mode)) return fail_open(path, ENOTDIR);
  if (++links > kLinksMax) return fail(Errc::unsafe_path, path + ": too many symbolic links");
  auto target = target_of(next, path);
  if (!target) return fail(std::move(target));
  split(*target, left);
  if (target->front() == '/') {
    auto again = root();
    if (!again) return fail(std::move(again));
    place = std::move(*again);
  }
  return {};
}

// The last component. Its kind is looked at before it is opened for reading: opening a device may already do things,
// opening a FIFO may wait.
Result<Fd> open_last(const Place& place, const std::string& name, Kind kind) {
  const std::string path = name == "." ? place.shown : place.with(name);
  const auto wanted = [kind](const struct stat& st) {
    return kind == Kind::file ? S_ISREG(st.st_mode) : S_ISDIR(st.st_mode);
  };
  const auto wrong_kind = [&path, kind] {
    return fail(Errc::unsafe_path, path + (kind == Kind::file ? ": not a regular file" : ": not a directory"));
  };
  struct stat st {};
  {
    const Fd pinned(::openat(place.dir.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!pinned.valid() || ::fstat(pinned.get(), &st) != 0) return fail_open(path, errno);
    if (S_ISLNK(st.st_mode)) return fail_open(path, ELOOP);
    if (!wanted(st)) return wrong_kind();
  }
  const int flags =
      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (kind == Kind::directory ? O_DIRECTORY : 0);
  Fd fd(::openat(place.dir.get(), name.c_str(), flags));
  if (!fd.valid() || ::fstat(fd.get(), &st) != 0) return fail_open(path, errno);
  if (!wanted(st)) return wrong_kind();
  if (auto ok = check(st, path, false); !ok) return fail(std::move(ok));
  return fd;
}

Result<Fd> walk(const std::string& path, Kind kind) {
  if (path.empty() || path.find('\0') != std::string::npos)
    return fail(Errc::not_found, "the path is empty or holds a NUL");
  std::deque<std::string> left;
  split(path, left);
  if (path.front() != '/') {  // the directories above the current one count as well
    char cwd[PATH_MAX];
    if (::getcwd(cwd, sizeof cwd) == nullptr) return fail_open(path, errno);
    split(cwd, left);
  }
  auto place = root();
  if (!place) return fail(std::move(place));
  int links = 0;
  while (left.size() > 1 || (left.size() == 1 && left.front() == "..")) {
    const std::string name = std::move(left.front());
    left.pop_front();
    if (auto ok = step(*place, name, left, links); !ok) return fail(std::move(ok));
  }
  return open_last(*place, left.empty() ? "." : left.front(), kind);
}

}  // namespace

Result<Fd> open_trusted(const std::string& path) { return walk(path, Kind::file); }

Result<Fd> open_trusted_directory(const std::string& path) { return walk(path, Kind::directory); }

Result<std::string> read_all(int fd, std::size_t max) {
  struct stat st {};
  if (::fstat(fd, &st) != 0) return fail(Errc::io, "reading a file: " + reason(errno));
  if (!S_ISREG(st.st_mode)) return fail(Errc::invalid_argument, "not a regular file");
  const auto too_large = [max] {
    return fail(Errc::invalid_argument, "the file is larger than " + std::to_string(max) + " bytes");
  };
  if (st.st_size < 0 || static_cast<std::uintmax_t>(st.st_size) > max) return too_large();
  std::string text;
  char buffer[16384];
  for (;;) {  // to the end, whatever the size said: the file may be growing
    const ssize_t got = ::pread(fd, buffer, sizeof buffer, static_cast<off_t>(text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Errc::io, "reading a file: " + reason(errno));
    if (got == 0) return text;
    if (static_cast<std::size_t>(got) > max - text.size()) return too_large();
    text.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace faceauth
