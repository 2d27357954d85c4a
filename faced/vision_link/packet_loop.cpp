#include <faced/crypto/secret.h>
#include <faced/util/rethrow.h>
#include <faced/vision_link/eye_protocol.h>
#include <faced/vision_link/packet_loop.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <exception>

namespace faceauth {

namespace asio = boost::asio;

std::shared_ptr<PacketLoop> PacketLoop::start(asio::io_context& io, Fd socket, Callbacks callbacks) {
  std::shared_ptr<PacketLoop> loop(new PacketLoop(io, std::move(socket), std::move(callbacks)));
  asio::co_spawn(io, run(loop), Rethrow{});
  return loop;
}

void PacketLoop::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<void> PacketLoop::run(std::shared_ptr<PacketLoop> self) {
  Secret<std::array<std::uint8_t, eye::kPacketMax>> packet;
  const char* why = nullptr;
  while (why == nullptr && self->socket_.is_open()) {
    auto [error] = co_await self->socket_.async_wait(asio::posix::stream_descriptor::wait_read,
                                                     asio::as_tuple(asio::use_awaitable));
    if (!self->socket_.is_open()) break;
    if (error) {
      why = "its socket failed";
      break;
    }
    const ssize_t size =
        ::recv(self->socket_.native_handle(), packet->data(), packet->size(), MSG_DONTWAIT | MSG_TRUNC);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0 || static_cast<std::size_t>(size) > packet->size()) {
      why = size <= 0 ? "it ended" : "it sent too long a packet";
      break;
    }
    try {
      self->callbacks_.received(std::span(packet->data(), static_cast<std::size_t>(size)));
    } catch (const std::exception&) {  // out of memory for one packet ends its session, as a packet that is none does
      why = "what it sent could not be taken in";
    }
    wipe(packet->data(), static_cast<std::size_t>(size));
  }
  // Not caught: a keeper that cannot even take note of an end would wait for it without end.
  if (why != nullptr) self->callbacks_.ended(why);
}

}  // namespace faceauth
