#include <pam_module/channel.h>

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace faceauth::pam {
namespace {

// Above the standard streams: in a process that closed those, a prompt would be written into the connection.
int new_socket() noexcept {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || fd > STDERR_FILENO) return fd;
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  ::close(fd);
  return moved;
}

// Under socket activation the peer is whoever listened: root.
bool is_our_server(int fd) noexcept {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0 || size != sizeof peer) return false;
  if (peer.uid == 0 || peer.uid == ::geteuid()) return true;
  passwd entry{};
  passwd* found = nullptr;
  char buffer[4096];
  return ::getpwnam_r("faceauth", &entry, buffer, sizeof buffer, &found) == 0 && found != nullptr &&
         found->pw_uid == peer.uid;
}

}  // namespace

std::int64_t now_ms() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return std::int64_t{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000;
}

Channel::Channel(std::uint32_t timeout_ms) noexcept
    : timeout_ms_(timeout_ms), began_(now_ms()), deadline_(began_ + limits::kConnectWithinMs) {}

Channel::~Channel() {
  ::explicit_bzero(frame_, sizeof frame_);
  close();
}

void Channel::close() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Errc Channel::open(const char* path) noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) return Errc::invalid_argument;
  std::memcpy(address.sun_path, path, std::strlen(path));
  fd_ = new_socket();
  if (fd_ < 0) return Errc::unreachable;
  while (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EAGAIN && errno != EINTR) return Errc::unreachable;
    if (now_ms() >= deadline_) return Errc::timed_out;
    ::poll(nullptr, 0, 5);  // a Unix socket whose backlog is full cannot be polled for
  }
  return is_our_server(fd_) ? Errc::ok : Errc::unsafe_path;
}

Errc Channel::draw_nonce() noexcept {
  deadline_ = std::min(answer_by_ == 0 ? began_ + kUnacknowledgedMs : answer_by_, now_ms() + limits::kAckWithinMs);
  // Never blocks: early at boot, before there is randomness, nobody can be judged.
  const ssize_t got = ::getrandom(nonce_.bytes, sizeof nonce_.bytes, GRND_NONBLOCK);
  return got == ssize_t{sizeof nonce_.bytes} ? Errc::ok : Errc::internal;
}

Errc Channel::post(std::size_t size) noexcept {
  Errc result = size > 0 ? Errc::ok : Errc::invalid_argument;
  for (std::size_t sent = 0; sent < size && result == Errc::ok;) {
    const ssize_t n = ::send(fd_, frame_ + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0)
      sent += static_cast<std::size_t>(n);
    else
      result = errno == EAGAIN || errno == EINTR ? wait_for(POLLOUT) : Errc::unreachable;
  }
  ::explicit_bzero(frame_, sizeof frame_);
  return result;
}

Errc Channel::await_ack() noexcept {
  wire::Ack ack;
  if (const Errc e = expect(wire::Type::ack, ack); e != Errc::ok) return e;
  const std::int64_t keepers = now_ms() + std::min(ack.within_ms, limits::kTimeoutMaxMs) + kGraceMs;
  const std::int64_t by = timeout_ms_ == 0 ? keepers : std::min(keepers, began_ + timeout_ms_ + kGraceMs);
  deadline_ = answer_by_ = answer_by_ == 0 ? by : std::min(by, answer_by_);
  return Errc::ok;
}

Errc Channel::receive(wire::Type& type, Bytes& body) noexcept {
  if (const Errc e = read_exactly(wire::kHeaderSize); e != Errc::ok) return e;
  std::uint8_t head[wire::kHeaderSize];
  std::memcpy(head, frame_, sizeof head);
  wire::Header header;
  if (!wire::decode_header(head, header) || !(header.nonce == nonce_)) return Errc::protocol;
  if (const Errc e = read_exactly(header.body_size); e != Errc::ok) return e;
  type = header.type;
  body = {frame_, header.body_size};
  if (type != wire::Type::failure) return Errc::ok;
  Reader r(body.data, body.size);
  wire::Failure failure;
  return wire::decode(r, failure) && failure.code != Errc::ok ? failure.code : Errc::protocol;
}

Errc Channel::read_exactly(std::size_t size) noexcept {
  for (std::size_t got = 0; got < size;) {
    // Before every read, so that a peer who never makes us wait cannot keep us either.
    if (now_ms() >= deadline_) return Errc::timed_out;
    const ssize_t n = ::recv(fd_, frame_ + got, size - got, MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return Errc::unreachable;
    if (n > 0)
      got += static_cast<std::size_t>(n);
    else if (const Errc e = wait_for(POLLIN); e != Errc::ok)
      return e;
  }
  return Errc::ok;
}

// May return early: the caller tries again and comes back.
Errc Channel::wait_for(short events) const noexcept {
  const auto left = static_cast<int>(std::min<std::int64_t>(deadline_ - now_ms(), limits::kTimeoutMaxMs));
  if (left <= 0) return Errc::timed_out;
  pollfd p{fd_, events, 0};
  return ::poll(&p, 1, left) >= 0 || errno == EINTR ? Errc::ok : Errc::unreachable;
}

}  // namespace faceauth::pam
