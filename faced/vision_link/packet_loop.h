// The keeper's end of one socket to the eye: reads packets on the io_context until the other end goes or we close it.
#pragma once

#include <faced/util/fd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace faceauth {

class PacketLoop {
 public:
  // Called on the io_context's thread, never after close(). `received`: the packet is wiped when it returns.
  struct Callbacks {
    std::function<void(std::span<const std::uint8_t>)> received;
    std::function<void(const char* why)> ended;  // at most once, as the last call
  };

  [[nodiscard]] static std::shared_ptr<PacketLoop> start(boost::asio::io_context& io, Fd socket, Callbacks callbacks);
  PacketLoop(const PacketLoop&) = delete;
  PacketLoop& operator=(const PacketLoop&) = delete;

  // Closes the socket: a worker at the other end is then killed. Also from within a callback.
  void close();

 private:
  PacketLoop(boost::asio::io_context& io, Fd socket, Callbacks callbacks)
      : socket_(io, socket.release()), callbacks_(std::move(callbacks)) {}
  // Holds the object for as long as it reads.
  static boost::asio::awaitable<void> run(std::shared_ptr<PacketLoop> self);

  boost::asio::posix::stream_descriptor socket_;
  Callbacks callbacks_;
};

}  // namespace faceauth
