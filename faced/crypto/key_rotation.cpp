#include <faced/crypto/key_rotation.h>

#include <faced/crypto/aead.h>
#include <faced/util/fd.h>
#include <faced/util/trusted_file.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

namespace faceauth {

namespace {

constexpr std::string_view kFile = "file:";

struct Place {
  Fd directory;
  std::string name, draft, path;
};

tl::unexpected<Error> failure(const Place& place, const char* step) {
  const int error = errno;
  return fail(error == ENOSPC || error == EDQUOT ? Errc::no_space : Errc::io,
              std::string(step) + " " + place.path + ": " + std::strerror(error));
}

Result<Place> place_of(std::string_view source) {
  if (!is_file_key(source)) return fail(Errc::invalid_argument, "the master key is no file: key");
  Place place;
  place.path = source.substr(kFile.size());
  const std::size_t slash = place.path.rfind('/');
  if (place.path.empty() || place.path.front() != '/' || slash + 1 == place.path.size())
    return fail(Errc::invalid_argument, "key source \"" + std::string(source) + "\": an absolute path is needed");
  auto directory = open_trusted_directory(slash == 0 ? "/" : place.path.substr(0, slash));
  if (!directory) return fail(std::move(directory));
  place.directory = std::move(*directory);
  place.name = place.path.substr(slash + 1);
  place.draft = place.name + ".new";
  return place;
}

// In place: the blocks that held the key, as far as the file system lets us reach them.
bool overwrite(int fd) {
  std::array<std::uint8_t, 32> noise{};
  random_bytes(noise);
  return ::pwrite(fd, noise.data(), noise.size(), 0) == ssize_t{noise.size()} && ::fsync(fd) == 0;
}

}  // namespace

bool is_file_key(std::string_view source) noexcept { return source.starts_with(kFile); }

Result<Key> draft_file_key(std::string_view source) {
  auto place = place_of(source);
  if (!place) return fail(std::move(place));
  if (::unlinkat(place->directory.get(), place->draft.c_str(), 0) != 0 && errno != ENOENT)
    return failure(*place, "writing a new key beside");
  const Fd file(::openat(place->directory.get(), place->draft.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0400));
  if (!file.valid()) return failure(*place, "writing a new key beside");
  Key key = random_key();
  const bool written = ::write(file.get(), key->data(), key->size()) == ssize_t{sizeof *key} &&
                       ::fsync(file.get()) == 0 && ::fsync(place->directory.get()) == 0;
  if (written) return key;
  auto failed = failure(*place, "writing a new key beside");
  ::unlinkat(place->directory.get(), place->draft.c_str(), 0);
  return failed;
}

Result<void> install_file_key(std::string_view source) {
  auto place = place_of(source);
  if (!place) return fail(std::move(place));
  const int directory = place->directory.get();
  // Its mode is 0400: opening it for writing needs the right to change that, which its owner has.
  Fd old(::openat(directory, place->name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (old.valid() && ::fchmod(old.get(), 0600) == 0)
    old.reset(::openat(directory, place->name.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  if (::renameat(directory, place->draft.c_str(), directory, place->name.c_str()) != 0)
    return failure(*place, "replacing");
  if (::fsync(directory) != 0) return failure(*place, "replacing");
  if (old.valid()) static_cast<void>(overwrite(old.get()));
  return {};
}

void discard_file_key(std::string_view source) {
  const auto place = place_of(source);
  if (place) ::unlinkat(place->directory.get(), place->draft.c_str(), 0);
}

}  // namespace faceauth
