// A keeper that says what a test wants it to say: real socket, real frames, scripted answers.
#pragma once

#include <enroll-tool/fd.h>
#include <faceauth/protocol.h>
#include <sys/types.h>
#include <tests/unit/support/temp_dir.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace faceauth::test {

struct Request {
  wire::Type type{};
  wire::Nonce nonce;
  std::vector<std::uint8_t> bytes;
  enroll::Fd fd;

  template <class Body>
  Body body() const {
    Body out;
    Reader reader(bytes.data(), bytes.size());
    decoded_ = wire::decode(reader, out);
    return out;
  }
  mutable bool decoded_ = false;
};

// The keeper's end of one connection.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}

  template <class Body>
  void answer(wire::Type type, const Body& body) {
    std::uint8_t frame[limits::kFrameMax];
    raw(frame, wire::encode_frame(frame, type, nonce, body));
  }
  void ack() { answer(wire::Type::ack, wire::Ack{1000}); }
  void done() { answer(wire::Type::done, wire::Empty{}); }
  void refuse(Errc code, const std::string& detail = "") {
    answer(wire::Type::failure, wire::Failure{code, {detail.data(), detail.size()}});
  }
  void picture(int memory) const;  // with this descriptor
  void image_result(FaceIssue issue) { answer(wire::Type::image_result, wire::ImageResult{issue}); }
  void raw(const void* data, std::size_t size) const;
  void hang_up();
  // Returns when the client has gone (or after ten seconds): a keeper that keeps silent.
  void wait_for_close() const;
  // The client's process.
  [[nodiscard]] pid_t pid() const;

  wire::Nonce nonce;  // echoed in answers; of the request being handled

 private:
  int fd_;
};

inline wire::Text text(const std::string& s) { return {s.data(), s.size()}; }
inline std::string str(wire::Text t) { return {t.data, t.size}; }

class FakeKeeper {
 public:
  // Called for every request of every connection, on the keeper's thread.
  using Handler = std::function<void(Peer&, const Request&)>;
  // `as_uid`: whose credentials the listening socket shows (needs root).
  explicit FakeKeeper(Handler handler, uid_t as_uid = static_cast<uid_t>(-1));
  ~FakeKeeper();

  // A faced.toml that names the socket.
  [[nodiscard]] const std::string& config() const { return config_; }
  [[nodiscard]] const TempDir& dir() const { return dir_; }
  // Types of all requests so far, in order.
  [[nodiscard]] std::vector<wire::Type> seen() const;
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void serve();
  void talk(int fd);

  TempDir dir_;
  std::string config_;
  Handler handler_;
  enroll::Fd listener_, stop_read_, stop_write_;
  mutable std::mutex mutex_;  // guards seen_
  std::vector<wire::Type> seen_;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

}  // namespace faceauth::test
