#include <faced/store/keyring_file.h>

#include <faced/crypto/mac.h>
#include <faced/store/keyring_v1.h>

#include <faceauth/limits.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace faceauth::keyring_file {

using format::Blob;
using format::View;

namespace {

constexpr std::size_t kFileMax = format::keyring_size(format::kKeyringSlotsMax, 2 * limits::kUsersMax);

Result<Blob> read_file(int fd, const std::string& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return failure(path, "reading");
  if (!S_ISREG(status.st_mode)) return damaged(path, "is no regular file");
  if (static_cast<std::uint64_t>(status.st_size) > kFileMax) return damaged(path, "is longer than a keyring can be");
  Blob content(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < content.size()) {
    const ssize_t got = ::pread(fd, content.data() + have, content.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure(path, "reading");
    if (got == 0) return damaged(path, "became shorter while it was read");
    have += static_cast<std::size_t>(got);
  }
  return content;
}

bool write_all(int fd, View data) {
  while (!data.empty()) {
    const ssize_t put = ::write(fd, data.data(), data.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    data = data.subspan(static_cast<std::size_t>(put));
  }
  return true;
}

// Version 2: as long as its counts say, and with the digest that belongs to the rest.
bool is_whole(const Blob& content) {
  if (content.size() < format::keyring_size(1, 0)) return false;
  const std::size_t slots = content[format::kKeyringFront - 1];
  if (slots < 1 || slots > format::kKeyringSlotsMax || content.size() < format::keyring_size(slots, 0)) return false;
  Reader count(content.data() + format::kKeyringFront + slots * format::kKeyringSlot + sizeof(format::WrappedKey), 4);
  if (content.size() != format::keyring_size(slots, count.u32())) return false;
  const View all(content), rest = all.first(all.size() - sizeof(Mac));
  return equal_constant_time(digest(rest), all.last(sizeof(Mac)));
}

}  // namespace

tl::unexpected<Error> failure(const std::string& path, const char* step) {
  const int error = errno;
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(full ? Errc::no_space : Errc::io, path + ": " + step + ": " + std::strerror(error) +
                                                    (full ? "; nothing was stored: make room and try again" : ""));
}

tl::unexpected<Error> damaged(const std::string& path, const char* how) {
  return fail(Errc::corrupt, path + " " + how + "; put data.mdb and keyring back from one backup");
}

Result<std::optional<Keyring::File>> read(int directory, const char* name, const std::string& path) {
  const Fd fd(::openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!fd.valid() && errno == ENOENT) return std::optional<Keyring::File>{};
  if (!fd.valid()) return failure(path, "opening");
  auto content = read_file(fd.get(), path);
  if (!content) return fail(std::move(content));

  Keyring::File file{.content = std::move(*content)};
  Reader r(file.content.data(), file.content.size());
  std::array<std::uint8_t, format::kKeyringMagic.size()> magic{};
  r.raw(magic.data(), magic.size());
  file.version = r.u16();
  if (!r.good() || magic != format::kKeyringMagic) return damaged(path, "is no keyring");
  if (file.version > format::kKeyringVersion)
    return fail(Errc::newer_schema, path + " was written by a later version of faceauth: use that one");
  if (file.version == 0) return damaged(path, "names a version that never was");
  const bool whole = file.version == 1 ? KeyringV1::is_whole(file.content) : is_whole(file.content);
  if (!whole) return damaged(path, "was altered, cut short or added to");
  file.generation = r.u64();
  if (file.version > 1) {
    r.u64();
    r.u64();
  }
  r.raw(file.store.data(), file.store.size());
  return std::optional(std::move(file));
}

Result<void> write(int directory, const char* name, const std::string& path, std::initializer_list<View> parts) {
  const Fd fd(::openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  const auto put = [&](View part) { return write_all(fd.get(), part); };
  if (!fd.valid() || !std::ranges::all_of(parts, put) || ::fsync(fd.get()) != 0) return failure(path, "writing");
  return {};
}

}  // namespace faceauth::keyring_file
