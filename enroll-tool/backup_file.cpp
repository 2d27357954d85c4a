#include <enroll-tool/backup_file.h>
#include <enroll-tool/file.h>
#include <faceauth/bytes.h>
#include <faceauth/limits.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace faceauth::enroll {

namespace {

bool sync_parent(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const Fd directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  return directory.valid() && ::fsync(directory.get()) == 0;
}

}  // namespace

tl::unexpected<Error> BackupWriter::failure() const {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return fail(full ? Errc::no_space : Errc::io, fmt::format("{}: {}; no backup was made", path_, reason()));
}

Result<BackupWriter> BackupWriter::create(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0)
    return fail(Errc::invalid_argument, fmt::format("{}: is there already; no backup was made", path));
  std::string draft = path + ".XXXXXX";
  Fd file(::mkostemp(draft.data(), O_CLOEXEC));  // 0600
  if (!file.valid()) return fail(Errc::io, fmt::format("{}: {}", path, reason()));
  return BackupWriter(path, std::move(draft), std::move(file));
}

BackupWriter::BackupWriter(BackupWriter&& other) noexcept
    : path_(std::move(other.path_)),
      draft_(std::exchange(other.draft_, {})),
      file_(std::move(other.file_)),
      size_(other.size_) {}

BackupWriter::~BackupWriter() {
  if (!draft_.empty()) ::unlink(draft_.c_str());
}

Result<void> BackupWriter::write(std::span<const std::uint8_t> data) {
  while (!data.empty()) {
    const ssize_t put = ::write(file_.get(), data.data(), data.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failure();
    size_ += static_cast<std::uint64_t>(put);
    data = data.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> BackupWriter::put_head(std::span<const std::uint8_t> head) { return write(head); }

Result<void> BackupWriter::put_chunk(std::span<const std::uint8_t> chunk) {
  std::array<std::uint8_t, 2> size{};
  Writer(size.data(), size.size()).u16(static_cast<std::uint16_t>(chunk.size()));
  if (auto put = write(size); !put) return put;
  return write(chunk);
}

Result<void> BackupWriter::finish() {
  if (::fsync(file_.get()) != 0) return failure();
  // Never over what came in the meantime, where the file system can tell; NFS cannot.
  const char* const draft = draft_.c_str();
  if (::renameat2(AT_FDCWD, draft, AT_FDCWD, path_.c_str(), RENAME_NOREPLACE) != 0 &&
      (errno != EINVAL || ::rename(draft, path_.c_str()) != 0))
    return failure();
  draft_.clear();
  if (!sync_parent(path_)) return failure();
  return {};
}

Result<BackupReader> BackupReader::open(const std::string& path) {
  // Non-blocking, so that a FIFO cannot hang the tool.
  Fd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file.valid()) return fail(errno == ENOENT ? Errc::not_found : Errc::io, fmt::format("{}: {}", path, reason()));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return fail(Errc::io, fmt::format("{}: {}", path, reason()));
  if (!S_ISREG(info.st_mode) || info.st_size < off_t{kBackupHead})
    return fail(Errc::invalid_argument, fmt::format("{}: this is no backup of faceauth's", path));
  BackupReader reader(path, std::move(file), static_cast<std::uint64_t>(info.st_size));
  if (auto got = reader.read(reader.head_); !got) return fail(std::move(got));
  return reader;
}

Result<void> BackupReader::read(std::span<std::uint8_t> out) {
  if (out.size() > left_) return fail(Errc::corrupt, fmt::format("{} was cut short; nothing was restored", path_));
  left_ -= out.size();
  while (!out.empty()) {
    const ssize_t got = ::read(file_.get(), out.data(), out.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Errc::io, fmt::format("{}: {}", path_, reason()));
    if (got == 0) return fail(Errc::corrupt, fmt::format("{} became shorter while it was read", path_));
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

Result<BackupReader::Chunk> BackupReader::next() {
  std::array<std::uint8_t, 2> size{};
  if (auto got = read(size); !got) return fail(std::move(got));
  Chunk chunk;
  chunk.data.resize(Reader(size.data(), size.size()).u16());
  if (chunk.data.empty() || chunk.data.size() > limits::kBackupChunkMax)
    return fail(Errc::corrupt, fmt::format("{} was altered; nothing was restored", path_));
  if (auto got = read(chunk.data); !got) return fail(std::move(got));
  chunk.last = left_ == 0;
  return chunk;
}

}  // namespace faceauth::enroll
