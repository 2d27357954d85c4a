#include <faced/server/staged_backup.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace faceauth {
namespace {

constexpr const char* kName = "/restore.new";

tl::unexpected<Error> failure(const char* step) {
  const int error = errno;
  return fail(error == ENOSPC || error == EDQUOT ? Errc::no_space : Errc::io,
              std::string(step) + " the backup: " + std::strerror(error) + "; nothing was restored");
}

Result<void> write_all(int fd, const void* data, std::size_t size) {
  const auto* at = static_cast<const std::uint8_t*>(data);
  while (size > 0) {
    const ssize_t put = ::write(fd, at, size);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failure("keeping");
    at += put;
    size -= static_cast<std::size_t>(put);
  }
  return {};
}

}  // namespace

StagedBackup::StagedBackup(Fd file, Key key, const backup::HeadBytes& head, const StreamHeader& stream,
                           std::uint64_t bytes_max)
    : file_(std::move(file)),
      key_(std::move(key)),
      head_(head),
      stream_(stream),
      arriving_(key_, stream_),
      bytes_max_(bytes_max) {}

Result<std::unique_ptr<StagedBackup>> StagedBackup::open(const std::string& directory, Key key,
                                                         const backup::HeadBytes& head, std::uint64_t bytes_max) {
  const auto decoded = backup::decode_head(head);
  if (!decoded) return tl::unexpected<Error>(decoded.error());
  const std::string path = directory + kName;
  ::unlink(path.c_str());
  Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.valid() || ::unlink(path.c_str()) != 0) return failure("keeping");
  return std::unique_ptr<StagedBackup>(
      new StagedBackup(std::move(file), std::move(key), head, decoded->stream, bytes_max));
}

Result<std::optional<BackupUser>> StagedBackup::open_chunk(Walk& walk, std::span<const std::uint8_t> sealed) {
  const std::span<const std::uint8_t> bound =
      walk.first ? std::span<const std::uint8_t>(head_) : std::span<const std::uint8_t>{};
  auto chunk = walk.stream.open(sealed, bound);
  if (!chunk && walk.first)
    return fail(Errc::wrong_password, "the passphrase is not the backup's, or the backup was altered");
  if (!chunk) return fail(Errc::corrupt, "the backup was altered; nothing was restored");
  walk.first = false;
  return walk.parser.take(chunk->plain.bytes(), chunk->last);
}

Result<std::optional<BackupUser>> StagedBackup::take(std::span<const std::uint8_t> sealed, bool last) {
  auto user = open_chunk(arriving_, sealed);
  if (!user) return user;
  if (last != complete()) return fail(Errc::corrupt, "the backup was cut short or added to; nothing was restored");
  std::array<std::uint8_t, 2> size{};
  kept_ += size.size() + sealed.size();
  if (kept_ > bytes_max_) return fail(Errc::no_space, "the backup is larger than may be; nothing was restored");
  Writer(size.data(), size.size()).u16(static_cast<std::uint16_t>(sealed.size()));
  if (auto put = write_all(file_.get(), size.data(), size.size()); !put) return fail(std::move(put));
  if (auto put = write_all(file_.get(), sealed.data(), sealed.size()); !put) return fail(std::move(put));
  return user;
}

std::uint64_t StagedBackup::left_out() const {
  return static_cast<std::uint64_t>(
      std::count_if(changes_.begin(), changes_.end(), [](const auto& change) { return !change.second; }));
}

Result<void> StagedBackup::rewind() {
  at_ = 0;
  leaving_.emplace(key_, stream_);
  return {};
}

Result<void> StagedBackup::read(void* out, std::size_t size) {
  auto* to = static_cast<std::uint8_t*>(out);
  while (size > 0) {
    const ssize_t got = ::pread(file_.get(), to, size, static_cast<off_t>(at_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failure("reading");
    if (got == 0) return fail(Errc::corrupt, "what was kept of the backup ends early; nothing was restored");
    to += got;
    size -= static_cast<std::size_t>(got);
    at_ += static_cast<std::uint64_t>(got);
  }
  return {};
}

Result<std::optional<BackupUser>> StagedBackup::next() {
  while (!leaving_->parser.ended()) {
    std::array<std::uint8_t, 2> size{};
    if (auto got = read(size.data(), size.size()); !got) return fail(std::move(got));
    std::vector<std::uint8_t> sealed(Reader(size.data(), size.size()).u16());
    if (auto got = read(sealed.data(), sealed.size()); !got) return fail(std::move(got));
    auto user = open_chunk(*leaving_, sealed);
    if (!user || !*user) {
      if (!user) return user;
      continue;
    }
    const auto change = changes_.find((*user)->name);
    if (change != changes_.end() && !change->second) continue;
    if (change != changes_.end()) (*user)->uid = *change->second;
    // Another machine's boot, or this one's earlier: a password is due before his face counts again.
    (*user)->state.strong_auth_at = {};
    (*user)->state.strong_auth_boot = {};
    return user;
  }
  return std::optional<BackupUser>{};
}

}  // namespace faceauth
