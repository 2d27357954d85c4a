// A daemon that does what a test's script says, on a real socket, in a thread of its own.
#pragma once

#include <faceauth/protocol.h>

#include <unit/support/temp_dir.h>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace faceauth::test {

inline wire::Text text(std::string_view s) { return {s.data(), s.size()}; }
inline std::string str(wire::Text t) { return {t.data, t.size}; }

// One accepted connection, seen from the daemon. Frames are kept whole, so that decoded text stays valid.
class Client {
 public:
  explicit Client(int fd) : fd_(fd) {}
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // The next frame; false when the module went away or stayed silent for 5 s.
  bool receive();
  [[nodiscard]] wire::Type type() const { return header_.type; }
  [[nodiscard]] const wire::Nonce& nonce() const { return header_.nonce; }
  template <class Body>
  [[nodiscard]] Body body() const {
    Reader r(frame_ + wire::kHeaderSize, header_.body_size);
    Body out;
    decoded_ = wire::decode(r, out);
    return out;
  }
  [[nodiscard]] bool decoded() const { return decoded_; }

  // Frames that answer the last one received.
  template <class Body>
  bool send(wire::Type type, const Body& body) {
    return send_as(header_.nonce, type, body);
  }
  template <class Body>
  bool send_as(const wire::Nonce& nonce, wire::Type type, const Body& body) {
    return send_bytes(frame_of(nonce, type, body));
  }
  template <class Body>
  static std::vector<std::uint8_t> frame_of(const wire::Nonce& nonce, wire::Type type, const Body& body) {
    std::uint8_t out[limits::kFrameMax];
    const std::size_t size = wire::encode_frame(out, type, nonce, body);
    return {out, out + size};
  }
  bool send_bytes(const std::vector<std::uint8_t>& bytes);  // false: the module is gone
  bool ack(std::uint32_t within_ms = 5000) { return send(wire::Type::ack, wire::Ack{within_ms}); }
  bool verdict(Verdict v, std::string_view user, bool judged) {
    return send(wire::Type::verdict, wire::VerdictBody{v, text(user), judged});
  }
  bool wait_until_gone();  // at most 10 s

 private:
  int fd_;
  wire::Header header_;
  std::uint8_t frame_[limits::kFrameMax] = {};
  mutable bool decoded_ = false;
};

class ScriptedDaemon {
 public:
  using Script = std::function<void(Client&)>;

  // Serves connections one after another until it is destroyed. `listen_as`: the uid the module sees as its peer.
  explicit ScriptedDaemon(Script script, uid_t listen_as = 0);
  ~ScriptedDaemon();
  ScriptedDaemon(const ScriptedDaemon&) = delete;
  ScriptedDaemon& operator=(const ScriptedDaemon&) = delete;

  [[nodiscard]] std::string socket() const { return dir_ / "faced.sock"; }
  [[nodiscard]] int served() const { return served_; }  // after stop()
  void stop();                                          // waits for the script at hand

 private:
  void serve();

  TempDir dir_;
  Script script_;
  int listener_ = -1;
  int stop_[2] = {-1, -1};
  int served_ = 0;
  std::thread thread_;
};

}  // namespace faceauth::test
