#include "wire_client.h"

#include "../../unit/support/send_descriptors.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace faceauth::test {

using Clock = std::chrono::steady_clock;

WireClient::WireClient(const std::string& socket_path) : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_path.c_str(), sizeof address.sun_path - 1);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) close();
  if (::getrandom(nonce.bytes, sizeof nonce.bytes, 0) < 0) close();
}

WireClient::WireClient(int connected) : fd_(connected) {
  if (::getrandom(nonce.bytes, sizeof nonce.bytes, 0) < 0) close();
}

WireClient::WireClient(WireClient&& other) noexcept : nonce(other.nonce), fd_(std::exchange(other.fd_, -1)) {}

WireClient::~WireClient() { close(); }

void WireClient::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

bool WireClient::send_raw(const void* data, std::size_t size) {
  return size > 0 && ::send(fd_, data, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size);
}

bool WireClient::send_image(const std::string& path) {
  std::uint8_t frame[limits::kFrameMax];
  const std::size_t size = wire::encode_frame(frame, wire::Type::image, nonce, wire::Empty{});
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool sent = file >= 0 && send_descriptor(fd_, frame, size, file) == static_cast<ssize_t>(size);
  if (file >= 0) ::close(file);
  return sent;
}

bool WireClient::read_exactly(std::uint8_t* out, std::size_t size, Clock::time_point deadline) {
  while (size > 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd wait{fd_, POLLIN, 0};
    if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) return false;
    const ssize_t got = ::recv(fd_, out, size, 0);
    ended_ = got == 0 || (got < 0 && errno == ECONNRESET);
    if (got <= 0) return false;
    out += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::optional<Answered> WireClient::receive(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  std::uint8_t head[wire::kHeaderSize];
  Answered frame;
  if (fd_ < 0 || !read_exactly(head, sizeof head, deadline) || !wire::decode_header(head, frame.header))
    return std::nullopt;
  frame.body.resize(frame.header.body_size);
  if (!read_exactly(frame.body.data(), frame.body.size(), deadline)) return std::nullopt;
  return frame;
}

std::optional<Answered> WireClient::answer(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    std::optional<Answered> frame = receive(left);
    if (!frame || (frame->header.type != wire::Type::ack && frame->header.type != wire::Type::notice)) return frame;
  }
}

}  // namespace faceauth::test
