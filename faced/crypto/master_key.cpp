#include <faced/crypto/master_key.h>

#include <faced/crypto/aead.h>
#include <faced/util/fd.h>
#include <faced/util/trusted_file.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

namespace faceauth {

namespace {

constexpr std::size_t kKeySize = 32;

tl::unexpected<Error> system_failure(int error, const std::string& what) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return fail(full ? Errc::no_space : Errc::io, what + ": " + std::strerror(error));
}

Result<Key> read_key(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return system_failure(errno, "reading the master key " + path);
  if (!S_ISREG(status.st_mode) || status.st_size != static_cast<off_t>(kKeySize))
    return fail(Errc::invalid_argument, "the master key " + path + " must be a file of exactly 32 random bytes");
  Key key;
  std::size_t have = 0;
  while (have < kKeySize) {
    const ssize_t got = ::pread(fd, key->data() + have, kKeySize - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "reading the master key " + path);
    if (got == 0) return fail(Errc::invalid_argument, "the master key " + path + " became shorter while it was read");
    have += static_cast<std::size_t>(got);
  }
  return key;
}

Result<Key> read_key_file(const std::string& path) {
  auto file = open_trusted(path);
  if (!file) return fail(std::move(file));
  struct stat status {};
  if (::fstat(file->get(), &status) != 0) return system_failure(errno, "reading the master key " + path);
  if ((status.st_mode & 077) != 0)
    return fail(Errc::unsafe_path, "the master key " + path + " can be read by others: chmod 0400 " + path);
  return read_key(file->get(), path);
}

Result<void> write_synced(int fd, std::span<const std::uint8_t> data, const std::string& path) {
  while (!data.empty()) {
    const ssize_t put = ::write(fd, data.data(), data.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_failure(errno, "writing the master key " + path);
    data = data.subspan(static_cast<std::size_t>(put));
  }
  if (::fsync(fd) != 0) return system_failure(errno, "writing the master key " + path);
  return {};
}

std::string random_suffix() {
  std::array<std::uint8_t, 8> random{};
  random_bytes(random);
  std::string text = ".";
  for (const std::uint8_t byte : random) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

// Written whole under another name and then linked, so that a crash leaves either no key or a whole one, and a key
// that appeared in the meantime is kept and used.
Result<Key> create_key_file(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == 0 ? "/" : path.substr(0, slash);
  const std::string name = path.substr(slash + 1);
  auto directory = open_trusted_directory(parent);
  if (!directory) return fail_in("creating the master key " + path, directory.error());

  const std::string draft = name + random_suffix();
  const Fd file(::openat(directory->get(), draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400));
  if (!file.valid()) return system_failure(errno, "creating the master key " + path);
  Key key = random_key();
  auto written = write_synced(file.get(), key.bytes(), path);
  int link_error = 0;
  if (written && ::linkat(directory->get(), draft.c_str(), directory->get(), name.c_str(), 0) != 0) link_error = errno;
  ::unlinkat(directory->get(), draft.c_str(), 0);
  if (!written) return fail(std::move(written));
  if (link_error == EEXIST) return read_key_file(path);
  if (link_error != 0) return system_failure(link_error, "creating the master key " + path);
  if (::fsync(directory->get()) != 0) return system_failure(errno, "creating the master key " + path);
  return key;
}

Result<Key> load_file(const std::string& path, bool may_create) {
  if (path.empty() || path.front() != '/' || path.back() == '/')
    return fail(Errc::invalid_argument, "key source \"file:" + path + "\": an absolute path of a file is needed");
  auto key = read_key_file(path);
  if (key || key.error().code != Errc::not_found) return key;
  if (may_create) return create_key_file(path);
  return fail(Errc::not_found, "the master key " + path +
                                   " does not exist: put the one that belongs to this store back, or, for a new store, "
                                   "make one with: (umask 277; head -c 32 /dev/urandom > " +
                                   path + ")");
}

// systemd owns this directory and its access lists, which a check of owner and mode would misjudge.
Result<Key> load_credential(const std::string& name) {
  if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos)
    return fail(Errc::invalid_argument, "key source \"credential:" + name + "\": a credential's name is needed");
  const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr || *directory != '/')
    return fail(Errc::not_found, "no credentials were passed: give the service LoadCredentialEncrypted=" + name +
                                     " (see systemd-creds), or use a file: key");
  const std::string path = std::string(directory) + "/" + name;
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid() && errno == ENOENT)
    return fail(Errc::not_found, "the credential " + name + " was not passed: make it with head -c 32 /dev/urandom | " +
                                     "systemd-creds encrypt --name=" + name + " - FILE, and name it in the unit");
  if (!file.valid()) return system_failure(errno, "reading the credential " + name);
  return read_key(file.get(), path);
}

}  // namespace

Result<Key> load_master_key(std::string_view source, bool may_create) {
  constexpr std::string_view kFile = "file:";
  constexpr std::string_view kCredential = "credential:";
  if (source.starts_with(kFile)) return load_file(std::string(source.substr(kFile.size())), may_create);
  if (source.starts_with(kCredential)) return load_credential(std::string(source.substr(kCredential.size())));
  return fail(Errc::invalid_argument,
              "unknown key source \"" + std::string(source) + "\": use file:/path or credential:NAME");
}

}  // namespace faceauth
