// One client's connection: frames in, frames out, every wait with a deadline. On the keeper's thread only.
#pragma once

#include <faced/crypto/secret.h>
#include <faced/server/asio.h>
#include <faced/server/proof.h>
#include <faced/util/clock.h>
#include <faced/util/fd.h>

#include <faceauth/protocol.h>
#include <faceauth/result.h>

#include <array>
#include <optional>
#include <string>

namespace faceauth {

// Who is at the other end, from SO_PEERCRED: the process that called connect(2).
struct Peer {
  std::uint32_t uid = ~0U, gid = ~0U;
  int pid = -1;
  Fd process{};                 // a pidfd: the connection may outlive the process, whose number is another's then
  std::uint32_t charged = ~0U;  // whose quota bears what it does: charged_uid.h
  [[nodiscard]] bool is_root() const { return uid == 0; }
  // To be asked after whatever was read by its number. Not so when there is no telling.
  [[nodiscard]] bool still_runs() const;
};

[[nodiscard]] Peer peer_of(int socket);

class Connection {
 public:
  Connection(asio::local::stream_protocol::socket socket, Peer peer);

  [[nodiscard]] const Peer& peer() const { return peer_; }

  // The next frame. header() and body() then speak of it until the next receive; a file that came along is in file().
  // Errors: timed_out, cancelled (the client went away), protocol.
  asio::awaitable<Result<void>> receive(Steady deadline);
  [[nodiscard]] const wire::Header& header() const { return header_; }
  [[nodiscard]] Reader body() const { return {buffer_->data() + wire::kHeaderSize, header_.body_size}; }
  [[nodiscard]] Fd take_file() { return std::move(file_); }
  void wipe_frame();  // after the secrets in it were copied out

  // The frame just received starts a request: answers carry its nonce from now on.
  void begin_request() { nonce_ = header_.nonce; }
  [[nodiscard]] bool of_this_request() const { return header_.nonce == nonce_; }

  // False when the client is gone or does not read; then nothing more can be done for it.
  template <class Body>
  asio::awaitable<bool> send(wire::Type type, const Body& body) {
    std::array<std::uint8_t, limits::kFrameMax> frame;
    const std::size_t size =
        wire::encode_frame(reinterpret_cast<std::uint8_t(&)[limits::kFrameMax]>(frame), type, nonce_, body);
    const bool sent = size > 0 && co_await send_bytes(frame.data(), size);
    wipe(frame.data(), size);
    co_return sent;
  }
  // With one descriptor and no body.
  asio::awaitable<bool> send_file(wire::Type type, const Fd& file);
  asio::awaitable<bool> send_failure(const Error& error) { return send_failure(error.code, error.message); }
  asio::awaitable<bool> send_failure(Errc code, std::string_view message);

  [[nodiscard]] bool peer_is_gone() const;
  void stop_receiving();  // ends every wait for the client with `cancelled`; answers can still be sent

  std::optional<Proof> proof;  // of a password, on this connection

 private:
  asio::awaitable<Result<void>> fill(std::size_t from, std::size_t to, Steady deadline);
  asio::awaitable<bool> send_bytes(const std::uint8_t* data, std::size_t size, int file = -1);

  asio::local::stream_protocol::socket socket_;
  asio::steady_timer deadline_;
  Peer peer_;
  Secret<std::array<std::uint8_t, limits::kFrameMax>> buffer_;
  wire::Header header_;
  wire::Nonce nonce_;
  Fd file_;
};

inline wire::Text as_text(std::string_view s) { return {s.data(), s.size()}; }
inline std::string as_string(wire::Text t) { return {t.data, t.size}; }

}  // namespace faceauth
