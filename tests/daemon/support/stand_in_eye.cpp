// Stands in for faced-vision where the keeper is what is tested: "images" are one line of text, so that thousands of
// faces, and an eye that misbehaves on command, cost nothing. The seam is the real one: a process on fd 3.
//
//   face SEED [live=X] [height=PX]   one face whose encodings follow from SEED; nearby seeds are strangers
//   empty | two                      nobody, two people
//   crash | hang | garbage | nan     what a broken eye may do
#include <faced/vision_link/eye_protocol.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace faceauth;
namespace link = faceauth::eye;

struct Camera {
  link::OpenCamera request;
  std::vector<int> files;
  std::uint32_t sequence = 0;
  bool open = false;
};

std::string line_of(int fd) {
  char text[128] = {};
  const ssize_t size = ::pread(fd, text, sizeof text - 1, 0);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

template <std::size_t N>
void fill(std::array<float, N>& out, std::uint32_t seed, float length) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  float sum = 0;
  for (float& v : out) {
    v = normal(random);
    sum += v * v;
  }
  for (float& v : out) v *= length / std::sqrt(sum);
}

template <class Body>
void send(link::Type type, const Body& body) {
  std::uint8_t packet[link::kPacketMax];
  const std::size_t size = link::encode_packet(packet, type, body);
  if (::send(link::kLinkFd, packet, size, MSG_NOSIGNAL) < 0) std::_Exit(0);
}

Sight look_at(const std::string& line, bool measure_liveness) {
  Sight sight;
  std::istringstream words(line);
  std::string kind;
  words >> kind;
  if (kind == "crash") std::abort();
  if (kind == "hang") ::pause();
  if (kind == "garbage") {
    const std::uint8_t noise[] = {static_cast<std::uint8_t>(link::Type::frame), 1, 2, 3};
    ::send(link::kLinkFd, noise, sizeof noise, MSG_NOSIGNAL);
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
  fill(sight.encodings.dlib, seed, 1.4F);
  fill(sight.encodings.feature, seed + 1'000'000, 1.0F);
  sight.liveness_measured = measure_liveness;
  sight.liveness = measure_liveness ? 0.9F : 0.0F;
  for (std::string word; words >> word;) {
    if (word.starts_with("live=") && measure_liveness) sight.liveness = std::strtof(word.c_str() + 5, nullptr);
    if (word.starts_with("height=")) sight.quality.face_height_px = std::strtof(word.c_str() + 7, nullptr);
  }
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

void close_all(std::vector<int>& files) {
  for (const int fd : files) ::close(fd);
  files.clear();
}

void serve(Packet packet, Camera& camera) {
  Reader reader(packet.bytes.data(), packet.bytes.size());
  switch (static_cast<link::Type>(reader.u8())) {
    case link::Type::open_camera:
      close_all(camera.files);
      camera.open = decode(reader, camera.request);
      camera.files = std::move(packet.files);
      camera.sequence = 0;
      break;
    case link::Type::close_camera:
      close_all(camera.files);
      camera.open = false;
      break;
    case link::Type::encode_image: {
      link::EncodeImage request;
      if (!decode(reader, request) || packet.files.size() != 1) std::_Exit(3);
      send(link::Type::image,
           link::Image{request.request, look_at(line_of(packet.files[0]), request.measure_liveness)});
      close_all(packet.files);
      break;
    }
    case link::Type::ping: {
      link::Ping ping;
      if (decode(reader, ping)) send(link::Type::pong, ping);
      break;
    }
    default:
      std::_Exit(3);
  }
}

void show_frame(Camera& camera) {
  const int fd = camera.files[camera.sequence % camera.files.size()];
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  link::Frame frame;
  frame.session = camera.request.session;
  frame.sequence = camera.sequence++;
  frame.captured_ns = static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
  frame.sight = look_at(line_of(fd), camera.request.measure_liveness);
  send(link::Type::frame, frame);
}

}  // namespace

int main() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  link::Ready ready;
  auto name = [](link::ModelName& out, const char* text) { std::snprintf(out.data(), out.size(), "%s", text); };
  name(ready.dlib, "stand-in-dlib:0000000000000000");
  name(ready.feature, "stand-in-feature:0000000000000000");
  name(ready.liveness, "stand-in-liveness:0000000000000000");
  name(ready.detector, "stand-in-detector:0000000000000000");
  send(link::Type::ready, ready);
  Camera camera;
  for (;;) {
    const bool streaming = camera.open && !camera.files.empty();
    const float fps = camera.request.replay_fps > 0 ? camera.request.replay_fps : 200;
    pollfd wait{link::kLinkFd, POLLIN, 0};
    if (::poll(&wait, 1, streaming ? static_cast<int>(1000 / fps) : -1) > 0)
      serve(receive(), camera);
    else if (streaming)
      show_frame(camera);
  }
}
