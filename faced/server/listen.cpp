#include <faced/server/listen.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace faceauth {
namespace {

Error os_error(const std::string& path) { return {Errc::io, path + ": " + std::strerror(errno)}; }

Result<Listening> take_systemd_socket() {
  const int fd = SD_LISTEN_FDS_START;
  if (::sd_is_socket_unix(fd, SOCK_STREAM, 1, nullptr, 0) <= 0)
    return fail(Errc::invalid_argument, "the socket passed by systemd is no listening Unix stream socket");
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return Listening{Fd(fd), ""};
}

// Removes what a daemon that died left behind.
Result<void> clear_path(const std::string& path, const sockaddr_un& address) {
  struct stat st {};
  if (::lstat(path.c_str(), &st) != 0) return errno == ENOENT ? Result<void>{} : tl::unexpected<Error>(os_error(path));
  if (!S_ISSOCK(st.st_mode)) return fail(Errc::unsafe_path, path + " exists and is no socket; move it away");
  const Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN)
    return fail(Errc::busy, "another daemon listens at " + path);
  if (::unlink(path.c_str()) != 0) return tl::unexpected<Error>(os_error(path));
  return {};
}

}  // namespace

Result<Listening> listen_at(const std::string& path) {
  if (const int passed = ::sd_listen_fds(1); passed == 1)
    return take_systemd_socket();
  else if (passed > 1)
    return fail(Errc::invalid_argument, "systemd passed more than one socket");

  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail(Errc::invalid_argument, path + ": too long for a socket");
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  if (Result<void> cleared = clear_path(path, address); !cleared) return fail(std::move(cleared));

  Listening listening{Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), path};
  const mode_t before = ::umask(0111);  // 0666; no other thread creates files yet
  const bool bound = listening.socket.valid() &&
                     ::bind(listening.socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::umask(before);
  if (!bound || ::listen(listening.socket.get(), SOMAXCONN) != 0) return tl::unexpected<Error>(os_error(path));
  return listening;
}

}  // namespace faceauth
