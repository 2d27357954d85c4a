// The eye's end of the socketpair. One packet is one message.
#pragma once

#include <faceauth/result.h>

#include <faced/util/fd.h>
#include <faced/vision_link/eye_protocol.h>

#include <array>
#include <chrono>
#include <vector>

namespace faceauth::vision {

struct Packet {
  std::array<std::uint8_t, eye::kPacketMax> bytes{};
  std::size_t size = 0;
  std::vector<Fd> files;
};

class Link {
 public:
  explicit Link(Fd fd) : fd_(std::move(fd)) {}

  // Errors: invalid_argument when `fd` is not a connected SOCK_SEQPACKET socket of the AF_UNIX family.
  [[nodiscard]] static Result<Link> adopt(int fd);

  // Waits for the next packet. Errors: cancelled (the keeper is gone), protocol, io.
  [[nodiscard]] Result<Packet> receive() const;

  // False when the keeper does not take the packet within `patience`; never blocks longer. Thread-safe.
  template <class Body>
  bool send(eye::Type type, const Body& body, std::chrono::milliseconds patience) const {
    std::uint8_t packet[eye::kPacketMax];
    const std::size_t size = eye::encode_packet(packet, type, body);
    const bool sent = size > 0 && send_bytes(packet, size, patience);
    ::explicit_bzero(packet, sizeof packet);
    return sent;
  }

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  bool send_bytes(const std::uint8_t* bytes, std::size_t size, std::chrono::milliseconds patience) const;

  Fd fd_;
};

}  // namespace faceauth::vision
