// Stands in for faced-vision where the keeper is what is tested: "images" are one line of text, so that thousands of
// faces, and an eye that misbehaves on command, cost nothing. The seam is the real one: a process on fd 3 that forks a
// worker for each photo and each camera session.
//
//   face SEED [live=X] [around=X] [height=PX] [view=N] [toward=SEED,D] [yaw=DEG] [pitch=DEG] [eyes=X] [frozen]
//        [looped]
//                                             one face whose encodings follow from SEED, seen otherwise for each N;
//                                             nearby seeds are strangers, but toward another one he is D from that one
//                                             for fr_feature and like him for dlib. Each frame is a new one unless it
//                                             is frozen, or one of two in turn
//   empty | two                               nobody, two people
//   crash | hang | garbage | nan              what a broken eye may do
//   unplugged                                 the camera has gone
//   flood                                     frames as fast as they go
//   dark                                      of an infrared camera: nothing is lit
#include "invented_face.h"

#include <faced/config/encoder.h>
#include <faced/vision_link/eye_protocol.h>

#include <faceauth/picture.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace faceauth;
namespace link = faceauth::eye;

std::string line_of(int fd) {
  char text[128] = {};
  const ssize_t size = ::pread(fd, text, sizeof text - 1, 0);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

template <class Body>
void send(int socket, link::Type type, const Body& body) {
  std::uint8_t packet[link::kPacketMax];
  const std::size_t size = link::encode_packet(packet, type, body);
  if (::send(socket, packet, size, MSG_NOSIGNAL) < 0) std::_Exit(0);
}

Sight look_at(int socket, const std::string& line, bool measure_liveness) {
  Sight sight;
  std::istringstream words(line);
  std::string kind;
  words >> kind;
  if (kind == "crash") std::abort();
  if (kind == "hang") ::pause();
  if (kind == "garbage") {
    const std::uint8_t noise[] = {static_cast<std::uint8_t>(link::Type::frame), 1, 2, 3};
    ::send(socket, noise, sizeof noise, MSG_NOSIGNAL);
  }
  if (kind == "two") {
    sight.issue = FaceIssue::several_faces;
    sight.faces = 2;
  }
  if (kind.empty()) sight.issue = FaceIssue::unreadable;
  if (kind != "face" && kind != "nan") return sight;
  std::uint32_t seed = 0;
  words >> seed;
  sight.issue = FaceIssue::none;
  sight.faces = 1;
  sight.box = {200, 100, 180, 200};
  sight.quality = {200, 400, 120, 0, 0, 0};
  sight.encoded = true;
  sight.encodings.dlib = test::invented_dlib(seed);
  sight.encodings.feature = test::invented_feature(seed);
  sight.liveness_measured = measure_liveness;
  sight.liveness = sight.liveness_near = measure_liveness ? 0.9F : 0.0F;
  sight.surroundings = 1;
  sight.eyes_open = 0.95F;
  static std::uint64_t shown = 1;
  sight.fingerprint = ++shown;
  for (std::string word; words >> word;) {
    const auto value = [&word](std::size_t from) { return std::strtof(word.c_str() + from, nullptr); };
    if (word.starts_with("live=") && measure_liveness) sight.liveness = sight.liveness_near = value(5);
    if (word.starts_with("around=")) sight.surroundings = value(7);
    if (word.starts_with("view="))
      test::see_otherwise(sight.encodings, static_cast<std::uint32_t>(std::atoi(word.c_str() + 5)));
    if (word.starts_with("toward=")) {
      char* end = nullptr;
      const auto other = static_cast<std::uint32_t>(std::strtoul(word.c_str() + 7, &end, 10));
      test::resemble(sight.encodings, other, std::strtof(end + 1, nullptr));
    }
    if (word.starts_with("yaw=")) sight.quality.yaw_deg = value(4);
    if (word.starts_with("pitch=")) sight.quality.pitch_deg = value(6);
    if (word.starts_with("eyes=")) sight.eyes_open = value(5);
    if (word == "frozen") sight.fingerprint = 1;
    if (word == "looped") sight.fingerprint = shown % 2;
    if (word.starts_with("height=")) sight.quality.face_height_px = std::strtof(word.c_str() + 7, nullptr);
  }
  sight.eyes = {290 + 2 * sight.quality.yaw_deg, 160 - 2 * sight.quality.pitch_deg};
  if (kind == "nan") sight.encodings.feature[0] = std::nanf("");
  return sight;
}

struct Packet {
  std::vector<std::uint8_t> bytes;
  std::vector<int> files;
};

Packet receive() {
  Packet packet;
  packet.bytes.resize(link::kPacketMax);
  iovec part{packet.bytes.data(), packet.bytes.size()};
  std::vector<char> control(CMSG_SPACE(sizeof(int) * 253));
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t size = ::recvmsg(link::kLinkFd, &message, 0);
  if (size <= 0) std::_Exit(0);
  packet.bytes.resize(static_cast<std::size_t>(size));
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    packet.files.resize(count);
    std::memcpy(packet.files.data(), CMSG_DATA(c), count * sizeof(int));
  }
  return packet;
}

[[noreturn]] void look_at_photo(int socket, int file, const link::EncodeImage& request) {
  send(socket, link::Type::image, link::Image{look_at(socket, line_of(file), request.measure_liveness)});
  std::_Exit(0);
}

// A picture of 4 by 2 pixels, as red as `sequence` says.
void show(int memory, std::uint32_t sequence) {
  const picture::Header header{2 * (sequence + 1), 4, 2, 640, 480};
  std::uint8_t pixels[24] = {};
  for (std::size_t i = 0; i < sizeof pixels; i += 3) pixels[i] = static_cast<std::uint8_t>(sequence);
  if (::pwrite(memory, pixels, sizeof pixels, picture::kPixelsAt) < 0 ||
      ::pwrite(memory, &header, sizeof header, 0) < 0)
    std::_Exit(4);
}

// Until the keeper closes its end.
[[noreturn]] void watch_camera(int socket, std::vector<int> files, const link::OpenCamera& request) {
  const int memory = request.show ? files.back() : -1;
  if (request.show) files.pop_back();
  const float fps = request.replay_fps > 0 ? request.replay_fps : 200;
  for (std::uint32_t sequence = 0;; ++sequence) {
    pollfd wait{socket, POLLIN, 0};
    const bool flood = line_of(files[0]).starts_with("flood");
    if (line_of(files[0]).starts_with("dark")) {
      send(socket, link::Type::camera_failed, link::CameraFailed{Errc::camera_dark, {"all dark"}});
      std::_Exit(0);
    }
    if (::poll(&wait, 1, flood ? 0 : static_cast<int>(1000 / fps)) > 0) std::_Exit(0);
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    link::Frame frame;
    frame.sequence = sequence;
    frame.captured_ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
    const std::string line = line_of(files[sequence % files.size()]);
    if (line.starts_with("unplugged")) {
      link::CameraFailed failed;
      std::snprintf(failed.reason.data(), failed.reason.size(), "unplugged");
      send(socket, link::Type::camera_failed, failed);
      std::_Exit(0);
    }
    frame.sight = look_at(socket, line, request.measure_liveness);
    if (memory >= 0) show(memory, sequence);
    send(socket, link::Type::frame, frame);
  }
}

// In the forked process: its own socket is the first descriptor, its work the others.
[[noreturn]] void work(const Packet& packet) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::close(link::kLinkFd);
  Reader reader(packet.bytes.data(), packet.bytes.size());
  const auto type = static_cast<link::Type>(reader.u8());
  const std::vector<int> files(packet.files.begin() + 1, packet.files.end());
  link::OpenCamera camera;
  link::EncodeImage photo;
  if (type == link::Type::open_camera && decode(reader, camera)) watch_camera(packet.files[0], files, camera);
  if (type == link::Type::encode_image && decode(reader, photo)) look_at_photo(packet.files[0], files[0], photo);
  std::_Exit(3);
}

// As the real one: who died of a signal is told.
void reap() {
  int status = 0;
  while (::waitpid(-1, &status, WNOHANG) > 0)
    if (WIFSIGNALED(status))
      send(link::kLinkFd, link::Type::worker_died, link::WorkerDied{static_cast<std::uint8_t>(WTERMSIG(status))});
}

void serve(const Packet& packet) {
  Reader reader(packet.bytes.data(), packet.bytes.size());
  link::Ping ping;
  if (static_cast<link::Type>(reader.u8()) == link::Type::ping) {
    if (decode(reader, ping)) send(link::kLinkFd, link::Type::pong, ping);
    return;
  }
  if (packet.files.size() < 2) std::_Exit(3);
  if (::fork() == 0) work(packet);
  for (const int fd : packet.files) ::close(fd);
}

}  // namespace

// faced-vision --models DIR [--encoder FILE]
int main(int argc, char** argv) {
  const Result<Encoder> encoder = argc == 5 ? load_encoder(argv[4]) : Result<Encoder>(shipped_encoder());
  if (!encoder) return 3;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  link::Ready ready;
  auto name = [](link::ModelName& out, const char* text) { std::snprintf(out.data(), out.size(), "%s", text); };
  name(ready.dlib, "stand-in-dlib:0000000000000000");
  name(ready.feature, encoder->name().c_str());
  name(ready.liveness, "stand-in-liveness:0000000000000000");
  name(ready.detector, "stand-in-detector:0000000000000000");
  send(link::kLinkFd, link::Type::ready, ready);
  for (;;) {
    pollfd wait{link::kLinkFd, POLLIN, 0};
    if (::poll(&wait, 1, 20) > 0) serve(receive());
    reap();
  }
}
