#include <enroll-tool/connection.h>
#include <enroll-tool/file.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>
#include <poll.h>
#include <pwd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace faceauth::enroll {

namespace {

constexpr milliseconds kSendWithin{2'000};

tl::unexpected<Error> gone() {
  return fail(Errc::unreachable, "the daemon closed the connection before it answered; see its log");
}

tl::unexpected<Error> silent() { return fail(Errc::unreachable, "the daemon does not answer; is faced running well?"); }

// True when the descriptor is ready for `events`, hang-ups included: the call that follows reports those.
bool wait_for(int fd, short events, const Deadline& deadline) {
  for (;;) {
    pollfd entry{fd, events, 0};
    const int n = ::poll(&entry, 1, deadline.left_ms());
    if (n > 0) return true;
    if (n == 0 || errno != EINTR) return false;
  }
}

bool is_trusted_server(uid_t uid) {
  if (uid == 0 || uid == ::geteuid()) return true;
  const passwd* keeper = ::getpwnam("faceauth");
  return keeper != nullptr && keeper->pw_uid == uid;
}

}  // namespace

Result<Connection> Connection::open(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path)
    return fail(Errc::invalid_argument, fmt::format("{}: too long for a socket path", path));
  std::memcpy(address.sun_path, path.c_str(), path.size());

  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return fail(Errc::io, fmt::format("no socket: {}", reason()));
  const Deadline deadline(milliseconds{limits::kConnectWithinMs});
  while (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EAGAIN || deadline.left_ms() == 0)
      return fail(Errc::unreachable, fmt::format("cannot reach faced at {}: {}; is it running?", path, reason()));
    ::poll(nullptr, 0, 10);  // the backlog is full, and a Unix socket offers no event to wait for
  }

  ucred server{};
  socklen_t size = sizeof server;
  if (::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &server, &size) != 0)
    return fail(Errc::io, fmt::format("{}: {}", path, reason()));
  if (!is_trusted_server(server.uid))
    return fail(Errc::unreachable,
                fmt::format("{} is served by uid {}, which is neither root nor faceauth; nothing was "
                            "sent to it",
                            path, server.uid));
  return Connection(std::move(fd), server.uid);
}

tl::unexpected<Error> Connection::malformed() { return fail(Errc::protocol, error_words(Errc::protocol)); }

Result<void> Connection::draw_nonce() {
  if (::getrandom(nonce_.bytes, sizeof nonce_.bytes, GRND_NONBLOCK) != ssize_t{sizeof nonce_.bytes})
    return fail(Errc::io, "the kernel has no random numbers yet; try again in a moment");
  return {};
}

Result<void> Connection::await_ack() {
  auto ack = expect<wire::Ack>(wire::Type::ack, milliseconds{limits::kAckWithinMs});
  if (!ack) return fail(std::move(ack));
  promised_ = milliseconds{std::min(ack->within_ms, limits::kConversationMs)};
  return {};
}

Result<Answer> Connection::next(milliseconds within) {
  const Deadline deadline(patience(within));
  file_ = Fd();
  std::uint8_t head[wire::kHeaderSize];
  if (auto r = read(head, sizeof head, deadline); !r) return fail(std::move(r));
  wire::Header header;
  if (!wire::decode_header(head, header)) return malformed();
  if (auto r = read(body_.data(), header.body_size, deadline); !r) return fail(std::move(r));

  Answer answer{header.type, Reader(body_.data(), header.body_size)};
  const bool ours = header.nonce == nonce_;
  // A keeper over its bounds refuses before it has read a request: then there is no nonce to echo.
  const bool unasked = header.nonce == wire::Nonce{};
  if (header.type == wire::Type::failure && (ours || unasked)) {
    wire::Failure failure;
    if (!wire::decode(answer.body, failure)) return malformed();
    const Errc code = failure.code == Errc::ok ? Errc::internal : failure.code;
    return fail(code, failure.detail.size > 0 ? string_of(failure.detail) : error_words(code));
  }
  if (!ours) return malformed();
  return answer;
}

Result<void> Connection::write(const std::uint8_t* data, std::size_t size, int descriptor) {
  const Deadline deadline(kSendWithin);
  std::size_t sent = 0;
  while (sent < size) {
    // sendmsg takes the memory as non-const, and does not write to it.
    iovec part{const_cast<std::uint8_t*>(data) + sent, size - sent};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptor)] = {};
    if (descriptor >= 0 && sent == 0) {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof descriptor);
      std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    const ssize_t n = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
    if (n >= 0) {
      sent += static_cast<std::size_t>(n);
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return {};  // the answer that went before the closing may still be there to read; next() sees to both
    } else if (errno == EAGAIN) {
      if (!wait_for(fd_.get(), POLLOUT, deadline)) return silent();
    } else if (errno != EINTR) {
      return fail(Errc::io, fmt::format("sending to the daemon: {}", reason()));
    }
  }
  return {};
}

// What is there, and a descriptor that comes along.
ssize_t Connection::receive(std::uint8_t* data, std::size_t size) {
  iovec part{data, size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
  if (got <= 0) return got;
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (header != nullptr && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len == CMSG_LEN(sizeof(int))) {
    int file = -1;
    std::memcpy(&file, CMSG_DATA(header), sizeof file);
    file_ = Fd(file);
  }
  return got;
}

Result<void> Connection::read(std::uint8_t* data, std::size_t size, const Deadline& deadline) {
  std::size_t got = 0;
  while (got < size) {
    const ssize_t n = receive(data + got, size - got);
    if (n > 0) {
      got += static_cast<std::size_t>(n);
    } else if (n == 0 || errno == ECONNRESET) {
      return gone();
    } else if (errno == EAGAIN) {
      if (!wait_for(fd_.get(), POLLIN, deadline)) return silent();
    } else if (errno != EINTR) {
      return fail(Errc::io, fmt::format("reading from the daemon: {}", reason()));
    }
  }
  return {};
}

}  // namespace faceauth::enroll
