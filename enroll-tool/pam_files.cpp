#include <enroll-tool/file.h>
#include <enroll-tool/pam_files.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <set>
#include <system_error>

namespace faceauth::enroll::pam {

namespace {

constexpr FileKind kService{256 << 10, "a PAM service"};
constexpr const char* kEtc = "/etc/pam.d";
// As libpam is built in Debian; elsewhere the second may not exist.
constexpr const char* kDirectories[] = {kEtc, "/usr/lib/pam.d"};
constexpr const char* kModuleDirectories[] = {"/lib/" FACEAUTH_MULTIARCH "/security",
                                              "/usr/lib/" FACEAUTH_MULTIARCH "/security",
                                              "/lib64/security",
                                              "/usr/lib64/security",
                                              "/lib/security",
                                              "/usr/lib/security"};
constexpr const char* kBackups = "/var/backups/faceauth";

tl::unexpected<Error> failed(const std::string& path, int error = errno) {
  const Errc code = error == ENOENT ? Errc::not_found : Errc::io;
  return fail(code, fmt::format("{}: {}", path, reason(error)));
}

tl::unexpected<Error> unsafe(const std::string& path, const char* why) {
  return fail(Errc::unsafe_path, fmt::format("{}: {}; nothing was changed", path, why));
}

Result<void> trusted(const struct stat& info, const Tree& tree, const std::string& path) {
  if (info.st_uid != tree.owner) return unsafe(path, "is not owned by root");
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return unsafe(path, "can be written by others");
  return {};
}

Result<Fd> open_directory(const Tree& tree, const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0) return failed(path);
  if (auto good = trusted(info, tree, path); !good) return fail(std::move(good));
  return fd;
}

// SELinux labels and ACLs among them, so that the new file is what the old one was to everybody.
bool copy_attributes(int from, int to) {
  std::string names(65536, '\0');
  const ssize_t size = ::flistxattr(from, names.data(), names.size());
  if (size < 0) return errno == ENOTSUP;
  for (const char* name = names.data(); name < names.data() + size; name += std::char_traits<char>::length(name) + 1) {
    std::string value(65536, '\0');
    const ssize_t length = ::fgetxattr(from, name, value.data(), value.size());
    if (length < 0 || ::fsetxattr(to, name, value.data(), static_cast<std::size_t>(length), 0) != 0) return false;
  }
  return true;
}

bool write_all(int fd, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

bool fill(int fd, const std::string& text, int like, const struct stat& old, bool attributes) {
  // The mode last: a change of owner may take bits away.
  return write_all(fd, text) && ::fchown(fd, old.st_uid, old.st_gid) == 0 && ::fchmod(fd, old.st_mode & 07777) == 0 &&
         (!attributes || copy_attributes(like, fd)) && ::fsync(fd) == 0;
}

Result<void> write_beside(int directory, const std::string& name, const std::string& text, int like,
                          const struct stat& old, bool attributes) {
  // Hidden, and with a name that no program asks PAM for. One that a crash left is replaced.
  const std::string fresh = "." + name + ".faceauth-new";
  ::unlinkat(directory, fresh.c_str(), 0);
  const Fd fd(::openat(directory, fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return failed(fresh);
  if (!fill(fd.get(), text, like, old, attributes) ||
      ::renameat(directory, fresh.c_str(), directory, name.c_str()) != 0 || ::fsync(directory) != 0) {
    const int error = errno;
    ::unlinkat(directory, fresh.c_str(), 0);
    return failed(name, error);
  }
  return {};
}

bool is_part(const std::string& name) {
  return name.starts_with('.') || name.starts_with("common-") || name.ends_with('~') ||
         name.find(".dpkg-") != std::string::npos || name.find(".rpm") != std::string::npos;
}

}  // namespace

Reader reader_of(const Tree& tree) {
  return [root = tree.root](const std::string& name) -> Result<std::string> {
    if (name.starts_with('/')) return read_file(root + name, kService);
    Result<std::string> text = fail(Errc::not_found, name + ": no such file");
    for (const char* directory : kDirectories) {
      text = read_file(fmt::format("{}{}/{}", root, directory, name), kService);
      if (text || text.error().code != Errc::not_found) return text;
    }
    return text;
  };
}

std::vector<std::string> services_of(const Tree& tree) {
  std::set<std::string> names;
  for (const char* directory : kDirectories) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(tree.root + directory, none)) {
      const std::string name = entry.path().filename().string();
      if (!is_part(name) && entry.is_regular_file(none)) names.insert(name);
    }
  }
  return {names.begin(), names.end()};
}

Result<void> module_installed(const Tree& tree) {
  for (const char* directory : kModuleDirectories) {
    const std::string path = fmt::format("{}{}/pam_faceauth.so", tree.root, directory);
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) continue;
    if (!S_ISREG(info.st_mode)) return unsafe(path, "is not a regular file");
    return trusted(info, tree, path);
  }
  return fail(Errc::unsupported,
              "pam_faceauth.so is not installed where libpam looks for modules; nothing was changed");
}

Result<ServiceFile> ServiceFile::open(const Tree& tree, const std::string& service) {
  ServiceFile out;
  out.name_ = service;
  out.path_ = fmt::format("{}{}/{}", tree.root, kEtc, service);
  Result<Fd> directory = open_directory(tree, tree.root + kEtc);
  if (!directory) return fail(std::move(directory));
  out.directory_ = std::move(*directory);
  if (::flock(out.directory_.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(Errc::busy, "another enroll-tool is changing PAM's services");
  out.file_ = Fd(::openat(out.directory_.get(), service.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!out.file_.valid()) {
    const int error = errno;
    if (error == ELOOP) return unsafe(out.path_, "is a symbolic link");
    const std::string vendor = fmt::format("{}/{}", kDirectories[1], service);
    if (error == ENOENT && ::access((tree.root + vendor).c_str(), F_OK) == 0)
      return fail(Errc::unsupported,
                  fmt::format("{} comes with its package; to change it for this machine, first: cp {} {}/", vendor,
                              vendor, kEtc));
    return failed(out.path_, error);
  }
  if (::fstat(out.file_.get(), &out.seen_) != 0) return failed(out.path_);
  if (!S_ISREG(out.seen_.st_mode)) return unsafe(out.path_, "is not a regular file");
  if (out.seen_.st_nlink != 1) return unsafe(out.path_, "has a second name (hard link)");
  if (auto good = trusted(out.seen_, tree, out.path_); !good) return fail(std::move(good));
  Result<std::string> text = read_open_file(out.file_.get(), out.path_, kService);
  if (!text) return fail(std::move(text));
  out.text_ = std::move(*text);
  return out;
}

Result<std::string> ServiceFile::back_up(const Tree& tree) const {
  const std::string path = tree.root + kBackups;
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return failed(path, error.value());
  const Result<Fd> directory = open_directory(tree, path);
  if (!directory) return tl::unexpected<Error>(directory.error());
  const std::string name = "pam.d-" + name_;
  if (auto kept = write_beside(directory->get(), name, text_, -1, seen_, false); !kept) return fail(std::move(kept));
  return path + "/" + name;
}

Result<void> ServiceFile::unchanged() const {
  struct stat now {};
  if (::fstatat(directory_.get(), name_.c_str(), &now, AT_SYMLINK_NOFOLLOW) != 0) return failed(path_);
  const bool same = now.st_dev == seen_.st_dev && now.st_ino == seen_.st_ino && now.st_size == seen_.st_size &&
                    now.st_mtim.tv_sec == seen_.st_mtim.tv_sec && now.st_mtim.tv_nsec == seen_.st_mtim.tv_nsec;
  if (!same) return fail(Errc::busy, path_ + " was changed by somebody else in this very moment");
  return {};
}

Result<void> ServiceFile::replace(const std::string& text) {
  if (auto still = unchanged(); !still) return still;
  return write_beside(directory_.get(), name_, text, file_.get(), seen_, true);
}

Result<void> ServiceFile::restore() { return write_beside(directory_.get(), name_, text_, file_.get(), seen_, true); }

Result<std::string> ServiceFile::read_again() const {
  const Fd fd(::openat(directory_.get(), name_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!fd.valid()) return failed(path_);
  return read_open_file(fd.get(), path_, kService);
}

}  // namespace faceauth::enroll::pam
