#include <faced/vision/link.h>

#include <faced/util/passed_files.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace faceauth::vision {
namespace {

int socket_option(int fd, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return ::getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

}  // namespace

Result<Link> Link::adopt(int fd) {
  if (socket_option(fd, SO_DOMAIN) != AF_UNIX || socket_option(fd, SO_TYPE) != SOCK_SEQPACKET)
    return fail(Errc::invalid_argument, "descriptor " + std::to_string(fd) + " is not the keeper's socket");
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return Link(Fd(fd));
}

Result<Packet> Link::receive() const {
  Packet packet;
  iovec part{packet.bytes.data(), packet.bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * eye::kFilesMax)> control;
  msghdr message{};
  ssize_t size = 0;
  do {
    message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    size = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
    if (size >= 0) packet.files = files_of(message);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      pollfd readable{fd_.get(), POLLIN, 0};
      (void)::poll(&readable, 1, -1);
    }
  } while (size < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK));
  if (size == 0 || (size < 0 && errno == ECONNRESET)) return fail(Errc::cancelled, "the keeper closed the link");
  if (size < 0) return fail(Errc::io, std::string("reading the link: ") + std::strerror(errno));
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return fail(Errc::protocol, "a packet or its descriptors were cut short");
  packet.size = static_cast<std::size_t>(size);
  return packet;
}

bool Link::send_bytes(const std::uint8_t* bytes, std::size_t size, std::chrono::milliseconds patience) const {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    if (::send(fd_.get(), bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL) == static_cast<ssize_t>(size)) return true;
    if (errno != EAGAIN && errno != EINTR) return false;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd writable{fd_.get(), POLLOUT, 0};
    (void)::poll(&writable, 1, static_cast<int>(left.count()));
  }
}

}  // namespace faceauth::vision
