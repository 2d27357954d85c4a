#include <faced/server/connection.h>

#include <faced/server/charged_uid.h>
#include <faced/util/passed_files.h>
#include <faced/util/pidfd.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace faceauth {

using namespace asio::experimental::awaitable_operators;
using Socket = asio::local::stream_protocol::socket;

namespace {

// Before Linux 6.5 whoever has the number by now: it may be another's only if the peer has ended since it connected.
Fd process_of(int socket, pid_t pid) {
#ifdef SO_PEERPIDFD
  constexpr int kPeerPidfd = SO_PEERPIDFD;
#else
  constexpr int kPeerPidfd = 77;  // asm-generic/socket.h of Linux 6.5
#endif
  int process = -1;
  socklen_t size = sizeof process;
  if (::getsockopt(socket, SOL_SOCKET, kPeerPidfd, &process, &size) == 0) return Fd(process);
  return errno == ENOPROTOOPT ? pidfd_of(pid) : Fd();
}

}  // namespace

Peer peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0 || size != sizeof credentials) return {};
  Peer peer{credentials.uid, credentials.gid, credentials.pid, process_of(socket, credentials.pid)};
  peer.charged = charged_uid(peer);
  return peer;
}

bool Peer::still_runs() const {
  pollfd end{process.get(), POLLIN, 0};
  return process.valid() && ::poll(&end, 1, 0) == 0;
}

namespace {

constexpr std::size_t kFilesMax = 8;  // received so that they can be closed; more than one is a broken client

// Reads what is there. Descriptors are always taken out of the message, so that none can leak.
// Only root's are taken at all: closing a stranger's descriptor (of his own FUSE mount, say) could hold the keeper.
ssize_t receive_some(int socket, bool may_pass_files, std::uint8_t* data, std::size_t size, Fd& file, bool& too_many) {
  iovec part{data, size};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * kFilesMax)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = may_pass_files ? control.size() : 0;
  const ssize_t got = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0) return got;
  if ((message.msg_flags & MSG_CTRUNC) != 0) too_many = true;
  for (Fd& passed : files_of(message)) {
    if (file.valid()) too_many = true;
    file = std::move(passed);
  }
  return got;
}

// What fits; the file rides with the first byte.
ssize_t send_some(int socket, const std::uint8_t* data, std::size_t size, int file) {
  iovec part{const_cast<std::uint8_t*>(data), size};  // sendmsg takes it as non-const, and does not write to it
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof file)> control{};
  if (file >= 0) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof file);
    std::memcpy(CMSG_DATA(header), &file, sizeof file);
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

Connection::Connection(Socket socket, Peer peer)
    : socket_(std::move(socket)), deadline_(socket_.get_executor()), peer_(std::move(peer)) {}

asio::awaitable<Result<void>> Connection::fill(std::size_t from, std::size_t to, Steady deadline) {
  while (from < to) {
    bool too_many = false;
    const ssize_t got =
        receive_some(socket_.native_handle(), peer_.is_root(), buffer_->data() + from, to - from, file_, too_many);
    if (too_many) co_return fail(Errc::protocol, "a file from somebody who may not pass any, or more than one");
    if (got == 0) co_return fail(Errc::cancelled, "the client went away");
    if (got > 0) {
      from += static_cast<std::size_t>(got);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) co_return fail(Errc::cancelled, "the client went away");
    deadline_.expires_at(deadline);
    const auto first = co_await (socket_.async_wait(Socket::wait_read, kQuietly) || deadline_.async_wait(kQuietly));
    if (first.index() == 1) co_return fail(Errc::timed_out, "the client did not finish its frame in time");
    if (std::get<0>(std::get<0>(first))) co_return fail(Errc::cancelled, "the connection was closed");
  }
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Connection::receive(Steady deadline) {
  file_.reset();
  if (Result<void> head = co_await fill(0, wire::kHeaderSize, deadline); !head) co_return head;
  if (!wire::decode_header(reinterpret_cast<const std::uint8_t(&)[wire::kHeaderSize]>(*buffer_->data()), header_))
    co_return fail(Errc::protocol, "not a frame of this protocol version");
  if (Result<void> body = co_await fill(wire::kHeaderSize, wire::kHeaderSize + header_.body_size, deadline); !body)
    co_return body;
  if (file_.valid() && header_.type != wire::Type::image) co_return fail(Errc::protocol, "a file where none belongs");
  co_return Result<void>{};
}

void Connection::wipe_frame() { wipe(buffer_->data(), buffer_->size()); }

asio::awaitable<bool> Connection::send_file(wire::Type type, const Fd& file) {
  std::uint8_t frame[limits::kFrameMax];
  const std::size_t size = wire::encode_frame(frame, type, nonce_, wire::Empty{});
  co_return size > 0 && co_await send_bytes(frame, size, file.get());
}

asio::awaitable<bool> Connection::send_bytes(const std::uint8_t* data, std::size_t size, int file) {
  const Steady deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(limits::kSendWithinMs);
  while (size > 0) {
    const ssize_t sent = send_some(socket_.native_handle(), data, size, file);
    if (sent > 0) {
      file = -1;
      data += sent;
      size -= static_cast<std::size_t>(sent);
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno != EAGAIN) co_return false;
    deadline_.expires_at(deadline);
    const auto first = co_await (socket_.async_wait(Socket::wait_write, kQuietly) || deadline_.async_wait(kQuietly));
    if (first.index() == 1 || std::get<0>(std::get<0>(first))) co_return false;
  }
  co_return true;
}

asio::awaitable<bool> Connection::send_failure(Errc code, std::string_view message) {
  co_return co_await send(wire::Type::failure, wire::Failure{code, as_text(message.substr(0, limits::kDetailMax))});
}

bool Connection::peer_is_gone() const {
  char byte = 0;
  const ssize_t got = ::recv(const_cast<Socket&>(socket_).native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

void Connection::stop_receiving() {
  boost::system::error_code ignored;
  socket_.shutdown(Socket::shutdown_receive, ignored);
}

}  // namespace faceauth
