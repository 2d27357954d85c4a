// One connection to the keeper, with one absolute deadline over connecting, sending and receiving. It touches no
// signal, no thread and no global state of the process it is a guest in.
#pragma once

#include <faceauth/protocol.h>

#include <cstddef>
#include <cstdint>

namespace faceauth::pam {

[[nodiscard]] std::int64_t now_ms() noexcept;  // CLOCK_MONOTONIC

// How long the verdict is awaited after the time is up, and connection and acknowledgement together. Both leave room
// below what is promised of a call (timeout + 250 ms, 750 ms without acknowledgement) for the call's own work.
inline constexpr std::int64_t kGraceMs = 100, kUnacknowledgedMs = 650;

// Errors: unreachable (nobody there, or gone), timed_out, unsafe_path (a server that is not ours), protocol (it broke
// the rules), invalid_argument (a field too long to send), internal (no randomness), and what a `failure` says.
class Channel {
 public:
  explicit Channel(std::uint32_t timeout_ms) noexcept;  // starts the clock; 0: the keeper says how long
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Connects, and believes a server only if it runs as root, as `faceauth` or as ourselves.
  [[nodiscard]] Errc open(const char* path) noexcept;

  // A question of our own: draws the nonce, sends, and awaits the acknowledgement.
  template <class Body>
  [[nodiscard]] Errc request(wire::Type type, const Body& body) noexcept {
    if (const Errc e = draw_nonce(); e != Errc::ok) return e;
    if (const Errc e = send(type, body); e != Errc::ok) return e;
    return await_ack();
  }
  template <class Body>
  [[nodiscard]] Errc send(wire::Type type, const Body& body) noexcept {
    return post(wire::encode_frame(frame_, type, nonce_, body));
  }
  // The next frame, which must answer our question. `body` borrows this channel's memory until the next call.
  [[nodiscard]] Errc receive(wire::Type& type, Bytes& body) noexcept;
  template <class Body>
  [[nodiscard]] Errc expect(wire::Type wanted, Body& out) noexcept {
    wire::Type type{};
    Bytes body;
    if (const Errc e = receive(type, body); e != Errc::ok) return e;
    Reader r(body.data, body.size);
    return type == wanted && wire::decode(r, out) ? Errc::ok : Errc::protocol;
  }

  void extend(std::int64_t ms) noexcept { deadline_ += ms; }  // by the time a person took
  void close() noexcept;                                      // the keeper notices, and stops looking

  // Readable at the next frame, which is overdue at the deadline.
  [[nodiscard]] int descriptor() const noexcept { return fd_; }
  [[nodiscard]] std::int64_t deadline() const noexcept { return deadline_; }

 private:
  [[nodiscard]] Errc draw_nonce() noexcept;
  [[nodiscard]] Errc post(std::size_t size) noexcept;  // and wipes the frame, which may hold a password
  [[nodiscard]] Errc await_ack() noexcept;
  [[nodiscard]] Errc read_exactly(std::size_t size) noexcept;  // into frame_
  [[nodiscard]] Errc wait_for(short events) const noexcept;

  const std::uint32_t timeout_ms_;
  const std::int64_t began_;
  std::int64_t deadline_;       // of the step at hand: connecting, the acknowledgement, then the answer
  std::int64_t answer_by_ = 0;  // once a question was acknowledged; a further one moves it only forward
  int fd_ = -1;
  wire::Nonce nonce_;
  std::uint8_t frame_[limits::kFrameMax];
};

}  // namespace faceauth::pam
