#include <faced/server/sos_switch.h>

#include <faced/util/fd.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace faceauth {
namespace {

Result<void> sync_parent(const std::string& path) {
  const Fd directory(::open(path.substr(0, path.rfind('/')).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || ::fsync(directory.get()) != 0)
    return fail(errno == ENOSPC ? Errc::no_space : Errc::io, path + ": " + std::strerror(errno));
  return {};
}

}  // namespace

bool SosSwitch::faces_off() const { return pulled_ || ::access(path_.c_str(), F_OK) == 0 || errno != ENOENT; }

Result<void> SosSwitch::pull() {
  pulled_ = true;
  const Fd file(::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.valid()) return fail(errno == ENOSPC ? Errc::no_space : Errc::io, path_ + ": " + std::strerror(errno));
  return sync_parent(path_);
}

Result<void> SosSwitch::release() {
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) return fail(Errc::io, path_ + ": " + std::strerror(errno));
  if (Result<void> synced = sync_parent(path_); !synced) {
    pulled_ = true;  // the file is gone, and may be back after a crash
    return synced;
  }
  pulled_ = false;
  return {};
}

}  // namespace faceauth
