// The whole faced-vision over real sockets, as the keeper starts it.
#pragma once

#include <faced/vision_link/eye_protocol.h>
#include <gtest/gtest.h>
#include <tests/support/built.h>
#include <chrono>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "fixtures.h"

namespace faceauth::vision {

// Our end of one socket to the eye.
class Channel {
 public:
  explicit Channel(Fd socket) : socket_(std::move(socket)) {}

  void send_bytes(std::span<const std::uint8_t> bytes, const std::vector<int>& files = {}) const;

  // The next packet of `type`; others are kept for later. Nothing when it does not come in time or does not decode.
  template <class Body>
  std::optional<Body> receive(eye::Type type, std::chrono::milliseconds within = std::chrono::seconds(60)) {
    const std::optional<Blob> packet = receive_bytes(type, within);
    if (!packet) return std::nullopt;
    Reader reader(packet->data() + 1, packet->size() - 1);
    Body body;
    if (!decode(reader, body)) return std::nullopt;
    return body;
  }

  // True once the other end is closed; packets that come before are dropped.
  [[nodiscard]] bool ends(std::chrono::milliseconds within = std::chrono::seconds(10));
  void close() { socket_.reset(); }

 private:
  std::optional<Blob> receive_bytes(eye::Type type, std::chrono::milliseconds within);

  Fd socket_;
  std::deque<Blob> kept_;
};

class EyeUnderTest {
 public:
  explicit EyeUnderTest(const std::string& models = test::built::kModels, bool with_link = true);
  EyeUnderTest(const EyeUnderTest&) = delete;
  EyeUnderTest& operator=(const EyeUnderTest&) = delete;
  ~EyeUnderTest();

  [[nodiscard]] bool greets() { return link.receive<eye::Ready>(eye::Type::ready).has_value(); }

  // Gives work to a new worker, whose socket is returned.
  template <class Job>
  Channel work(eye::Type type, const Job& job, const std::vector<int>& files) {
    std::uint8_t packet[eye::kPacketMax];
    return work_bytes(std::span(packet, eye::encode_packet(packet, type, job)), files);
  }
  Channel watch(const eye::OpenCamera& job, const std::vector<int>& files) {
    return work(eye::Type::open_camera, job, files);
  }
  Sight look_at(int file);

  // The exit code; nothing when it does not end in time or dies of a signal.
  std::optional<int> exit_code(std::chrono::milliseconds within = std::chrono::seconds(60));

  [[nodiscard]] pid_t pid() const { return pid_; }
  // The first process's workers; when they are as many as wanted, or as they are after some seconds.
  [[nodiscard]] std::vector<pid_t> workers(std::size_t wanted) const;
  // What it said on stderr so far. A pipe: the eye may not write files.
  [[nodiscard]] std::string errors();

 private:
  Channel work_bytes(std::span<const std::uint8_t> packet, std::vector<int> files);

  Fd errors_from_;
  std::string errors_;
  pid_t pid_ = -1;

 public:
  Channel link{Fd()};
};

// A field of /proc/PID/status, without blanks around it.
[[nodiscard]] std::string status_field(pid_t pid, const std::string& name);
// What each open descriptor is, such as "socket" or the path of a file.
[[nodiscard]] std::multiset<std::string> descriptors_of(pid_t pid);

}  // namespace faceauth::vision
