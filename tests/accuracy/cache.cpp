#include <faced/util/fd.h>
#include <tests/accuracy/cache.h>
#include <tests/accuracy/pipeline_digest.h>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <opencv2/core/version.hpp>
#include <type_traits>

namespace faceauth::eval {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDigestBytes = 32;
using Digest = std::array<std::uint8_t, kDigestBytes>;

struct Entry {
  Sight sight;
  Digest digest;  // of the sight: half a write or a bad disk must not become a figure
};
static_assert(std::is_trivially_copyable_v<Entry>);

Digest sha256(std::span<const std::uint8_t> bytes) {
  Digest digest{};
  unsigned size = 0;
  if (::EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, ::EVP_sha256(), nullptr) != 1 ||
      size != kDigestBytes)
    std::abort();
  return digest;
}

Digest digest_of(const Sight& sight) { return sha256({reinterpret_cast<const std::uint8_t*>(&sight), sizeof sight}); }

std::string hex(const Digest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

std::string default_directory() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  if (xdg != nullptr && *xdg == '/') return std::string(xdg) + "/faceauth/encodings";
  const char* home = std::getenv("HOME");
  return std::string(home != nullptr && *home == '/' ? home : "/root") + "/.cache/faceauth/encodings";
}

bool write_whole(int fd, const void* data, std::size_t size) {
  return ::write(fd, data, size) == static_cast<ssize_t>(size);
}

}  // namespace

Result<Cache> Cache::open() { return open(default_directory()); }

Result<Cache> Cache::open(const std::string& directory) {
  std::error_code error;
  fs::create_directories(fs::path(directory).parent_path(), error);
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(Errc::io, fmt::format("cannot make {}: {} (--no-cache does without)", directory, std::strerror(errno)));
  struct stat st {};
  if (::lstat(directory.c_str(), &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != ::geteuid() ||
      (st.st_mode & 077) != 0)
    return fail(
        Errc::unsafe_path,
        directory + " must be a directory of yours that nobody else may read: chmod 0700 it, or use --no-cache");
  Cache cache;
  cache.directory_ = directory;
  return cache;
}

std::string Cache::path_for(std::span<const std::uint8_t> file, const std::string& how) const {
  const std::string made_by = fmt::format("{} {} {} {}", kAnalysisDigest, CV_VERSION, sizeof(Entry), how);
  const std::string_view way = made_by;
  return fmt::format("{}/{}-{}", directory_, hex(sha256(file)),
                     hex(sha256({reinterpret_cast<const std::uint8_t*>(way.data()), way.size()})).substr(0, 24));
}

std::optional<Sight> Cache::find(std::span<const std::uint8_t> file, const std::string& how) const {
  if (directory_.empty()) return std::nullopt;
  const Fd fd(::open(path_for(file, how).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  Entry entry{};
  if (!fd.valid() || ::read(fd.get(), &entry, sizeof entry) != static_cast<ssize_t>(sizeof entry)) return std::nullopt;
  if (digest_of(entry.sight) != entry.digest) return std::nullopt;
  return entry.sight;
}

// A cache that cannot be written costs the next run its time, nothing else.
void Cache::keep(std::span<const std::uint8_t> file, const std::string& how, const Sight& sight) const {
  if (directory_.empty()) return;
  const std::string path = path_for(file, how), part = fmt::format("{}.{}.{}", path, ::getpid(), ::gettid());
  const Fd fd(::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return;
  Entry entry{};
  std::memcpy(&entry.sight, &sight, sizeof sight);
  entry.digest = digest_of(entry.sight);
  if (!write_whole(fd.get(), &entry, sizeof entry) || ::rename(part.c_str(), path.c_str()) != 0) ::unlink(part.c_str());
}

}  // namespace faceauth::eval
