#include <faced/vision_link/picture_memory.h>

#include <faceauth/picture.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace faceauth {

Result<PictureMemory> make_picture_memory() {
  const auto failed = [](const char* step) {
    return fail(Errc::io, std::string("memory for pictures: ") + step + ": " + std::strerror(errno));
  };
  PictureMemory memory{Fd(::memfd_create("faceauth-picture", MFD_CLOEXEC | MFD_ALLOW_SEALING)), Fd()};
  const int fd = memory.to_write.get();
  if (fd < 0) return failed("memfd_create");
  if (::fchmod(fd, 0400) != 0) return failed("fchmod");  // by /proc/self/fd anybody could else open it to write
  if (::ftruncate(fd, picture::kBytes) != 0) return failed("ftruncate");
  if (::fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) return failed("sealing");
  memory.to_read = Fd(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC));
  if (!memory.to_read.valid()) return failed("opening it to read");
  return memory;
}

}  // namespace faceauth
