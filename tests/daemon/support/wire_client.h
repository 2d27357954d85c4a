// A client that speaks the wire protocol by hand, so that tests can break it.
#pragma once

#include <faceauth/protocol.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace faceauth::test {

struct Answered {
  wire::Header header;
  std::vector<std::uint8_t> body;
  template <class Body>
  [[nodiscard]] std::optional<Body> as() const {
    Body value;
    Reader reader(body.data(), body.size());
    return wire::decode(reader, value) ? std::optional(value) : std::nullopt;  // texts point into `body`
  }
};

class WireClient {
 public:
  explicit WireClient(const std::string& socket_path);
  explicit WireClient(int connected);  // which is its own from now on
  WireClient(WireClient&& other) noexcept;
  WireClient(const WireClient&) = delete;
  WireClient& operator=(const WireClient&) = delete;
  ~WireClient();

  template <class Body>
  bool send(wire::Type type, const Body& body) {
    std::uint8_t frame[limits::kFrameMax];
    const std::size_t size = wire::encode_frame(frame, type, nonce, body);
    return send_raw(frame, size);
  }
  bool send_raw(const void* data, std::size_t size);
  bool send_image(const std::string& path);
  // Nothing when the connection ended or the time was up.
  std::optional<Answered> receive(std::chrono::milliseconds limit = std::chrono::milliseconds(10'000));
  // The next frame that is neither ack nor notice.
  std::optional<Answered> answer(std::chrono::milliseconds limit = std::chrono::milliseconds(10'000));
  [[nodiscard]] bool connected() const { return fd_ >= 0; }
  // Whether the keeper has ended the connection, as a receive() that gave nothing found.
  [[nodiscard]] bool ended() const { return ended_; }
  void close();

  wire::Nonce nonce;

 private:
  bool read_exactly(std::uint8_t* out, std::size_t size, std::chrono::steady_clock::time_point deadline);
  int fd_ = -1;
  bool ended_ = false;
};

inline wire::Text text(std::string_view s) { return {s.data(), s.size()}; }

}  // namespace faceauth::test
