// One connection to the keeper: requests out, checked answers in. Every wait has a deadline.
#pragma once

#include <enroll-tool/deadline.h>
#include <enroll-tool/fd.h>
#include <faceauth/protocol.h>
#include <faceauth/result.h>
#include <sys/types.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace faceauth::enroll {

using std::chrono::milliseconds;

// How long the next answer to an acknowledged request may take at least before the daemon counts as gone; longer if
// the acknowledgement says so.
inline constexpr milliseconds kRecordsWithin{10'000};   // a read or a commit
inline constexpr milliseconds kPasswordWithin{30'000};  // hashing, behind everybody else's
inline constexpr milliseconds kPhotoWithin{limits::kEyeStartMs + limits::kPhotoTurnWithinMs + limits::kImageWithinMs +
                                           2'000};
inline constexpr milliseconds kCameraWithin{limits::kEyeStartMs + limits::kCameraFirstFrameMs + limits::kTimeoutMaxMs};

// Borrows `s`, which must outlive the encoding.
[[nodiscard]] inline wire::Text text_of(std::string_view s) { return {s.data(), s.size()}; }
[[nodiscard]] inline std::string string_of(wire::Text t) { return {t.data, t.size}; }

struct Answer {
  wire::Type type{};
  Reader body{nullptr, 0};  // borrows the connection's buffer until its next call
};

class Connection {
 public:
  // Refuses a server that is not root, the user `faceauth` or ourselves.
  [[nodiscard]] static Result<Connection> open(const std::string& path);

  // A new request with a fresh nonce; returns when the keeper has acknowledged it.
  template <class Body>
  [[nodiscard]] Result<void> begin(wire::Type type, const Body& body) {
    promised_ = {};
    if (auto drawn = draw_nonce(); !drawn) return drawn;
    if (auto sent = send(type, body); !sent) return sent;
    return await_ack();
  }

  // A further frame of the current request. A descriptor is passed on and stays ours to close.
  template <class Body>
  [[nodiscard]] Result<void> send(wire::Type type, const Body& body, int descriptor = -1) {
    FrameBuffer frame;
    const std::size_t size = wire::encode_frame(frame.bytes, type, nonce_, body);
    if (size == 0) return fail(Errc::invalid_argument, "a name, label or password is too long");
    return write(frame.bytes, size, descriptor);
  }

  // The next answer to the current request. A failure the keeper reports is the error.
  [[nodiscard]] Result<Answer> next(milliseconds within);

  // The next answer, which must be of this type. Text in it borrows this connection's buffer.
  template <class Body>
  [[nodiscard]] Result<Body> expect(wire::Type type, milliseconds within) {
    Result<Answer> answer = next(within);
    if (!answer) return fail(std::move(answer));
    return decoded<Body>(*answer, type);
  }

  template <class Body>
  [[nodiscard]] static Result<Body> decoded(Answer answer, wire::Type type) {
    Body body;
    if (answer.type != type || !wire::decode(answer.body, body)) return malformed();
    return body;
  }

  // begin() and `done`.
  template <class Body>
  [[nodiscard]] Result<void> request(wire::Type type, const Body& body, milliseconds within) {
    if (auto begun = begin(type, body); !begun) return begun;
    auto done = expect<wire::Empty>(wire::Type::done, within);
    if (!done) return fail(std::move(done));
    return {};
  }

  // The descriptor that came with the last answer.
  [[nodiscard]] Fd take_file() { return std::move(file_); }
  // For poll(2): something to read is there for next().
  [[nodiscard]] int fd() const { return fd_.get(); }
  // How long next() would wait.
  [[nodiscard]] milliseconds patience(milliseconds within) const { return std::max(within, promised_); }
  [[nodiscard]] uid_t server_uid() const { return server_uid_; }

 private:
  // Wiped on the way out: a frame may hold a password.
  struct FrameBuffer {
    FrameBuffer() = default;
    FrameBuffer(const FrameBuffer&) = delete;
    FrameBuffer& operator=(const FrameBuffer&) = delete;
    ~FrameBuffer() { ::explicit_bzero(bytes, sizeof bytes); }
    std::uint8_t bytes[limits::kFrameMax] = {};
  };

  Connection(Fd fd, uid_t server_uid) : fd_(std::move(fd)), server_uid_(server_uid) {}

  static tl::unexpected<Error> malformed();
  Result<void> draw_nonce();
  Result<void> await_ack();
  Result<void> write(const std::uint8_t* data, std::size_t size, int descriptor);
  Result<void> read(std::uint8_t* data, std::size_t size, const Deadline& deadline);
  ssize_t receive(std::uint8_t* data, std::size_t size);

  Fd fd_, file_;
  uid_t server_uid_;
  wire::Nonce nonce_;
  milliseconds promised_{0};  // by the acknowledgement of the current request
  std::array<std::uint8_t, wire::kBodyMax> body_{};
};

}  // namespace faceauth::enroll
