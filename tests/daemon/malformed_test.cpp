// Malformed frames, each read and refused by the real keeper: FACEAUTH_FRAMES says how many (default 5000; a million
// takes minutes). They come from root, whose connections are not paced: of another uid's most would be closed unread.
// Afterwards logins work, nothing is left open, and the keeper's memory is as it was.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace faceauth::test {
namespace {

using std::chrono::milliseconds;
using Noise = std::vector<std::uint8_t>;

class Malformed : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("ann", "face 11")}).code, 0);
    daemon.show_text("face 11");
  }
  static int frames() {
    const char* const wanted = std::getenv("FACEAUTH_FRAMES");
    return wanted != nullptr ? std::atoi(wanted) : 5000;
  }
  long resident_kib() const {
    std::ifstream in("/proc/" + std::to_string(daemon.pid()) + "/status");
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("VmRSS:")) return std::atol(line.c_str() + 6);
    return -1;
  }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random()); }

  template <class Body>
  static Noise frame(wire::Type type, const Body& body) {
    std::uint8_t bytes[limits::kFrameMax];
    return {bytes, bytes + wire::encode_frame(bytes, type, wire::Nonce{}, body)};
  }
  // As if the header had meant that.
  static void tell_size(Noise& noise) {
    const std::size_t told = noise.size() - 4;
    for (unsigned i = 0; i < 4; ++i) noise[i] = static_cast<std::uint8_t>(told >> (8 * i));
  }
  // Half of them a request whose body is cut off or goes on; a quarter a sound header before noise; a quarter noise
  // from the first byte on. None of a kind that changes something for root.
  Noise next() {
    const unsigned kind = random() % 4;
    if (kind < 2) {
      Noise noise = frame(wire::Type::auth_begin,
                          wire::AuthBegin{.user = text("ann"), .service = text("sudo"), .tty = text("/dev/tty1")});
      const std::size_t body = noise.size() - wire::kHeaderSize;
      noise.resize(kind == 0 ? noise.size() + 1 + random() % 64 : wire::kHeaderSize + random() % body, byte());
      tell_size(noise);
      return noise;
    }
    const auto type = static_cast<wire::Type>(random() % 2 == 0 ? 1 + random() % 10 : 23 + random() % 40);
    Noise noise = kind == 2 ? frame(type, wire::Empty{}) : Noise{};
    const std::size_t more = 24 + random() % 200;
    for (std::size_t i = 0; i < more; ++i) noise.push_back(byte());
    if (kind == 2) tell_size(noise);
    return noise;
  }

  // Each on a connection of its own, which the keeper must end by itself (or answer, where chance made a request): one
  // that stays open without a word is a frame that was passed over.
  void send(int count) {
    for (int i = 0; i < count; ++i) {
      WireClient client(daemon.socket());
      ASSERT_TRUE(client.connected()) << i << daemon.log();
      const Noise noise = next();
      ASSERT_TRUE(client.send_raw(noise.data(), noise.size())) << i;
      const int before = answers;
      while (client.receive(milliseconds(answers == before ? 2 * limits::kFirstFrameWithinMs : 100))) ++answers;
      ASSERT_TRUE(client.ended() || answers > before) << i;
    }
  }
  bool settles_at(std::size_t wanted) const {
    for (int i = 0; i < 50 && daemon.descriptors() > wanted; ++i) std::this_thread::sleep_for(milliseconds(100));
    return daemon.descriptors() <= wanted;
  }

  Daemon daemon{{.timeout_s = 5, .users = {"ann"}}};
  std::mt19937 random{1};
  int answers = 0;
};

// What the test below goes by: a request keeps its connection, and half a frame ends it in time.
TEST_F(Malformed, AConnectionThatIsKeptIsToldFromOneThatEnded) {
  WireClient sound(daemon.socket());
  ASSERT_TRUE(sound.send(wire::Type::status, wire::Empty{}));
  ASSERT_TRUE(sound.answer());
  EXPECT_FALSE(sound.receive(milliseconds(300)));
  EXPECT_FALSE(sound.ended());
  WireClient broken(daemon.socket());
  const Noise half = frame(wire::Type::status, wire::Empty{});
  ASSERT_TRUE(broken.send_raw(half.data(), half.size() - 1));
  EXPECT_FALSE(broken.receive(milliseconds(300)));
  EXPECT_FALSE(broken.ended());
  EXPECT_FALSE(broken.receive(milliseconds(2 * limits::kFirstFrameWithinMs)));
  EXPECT_TRUE(broken.ended());
}

TEST_F(Malformed, FramesEndTheirOwnConnectionAndLeaveNothing) {
  ASSERT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
  send(1000);  // what libraries and pools take once
  ASSERT_FALSE(HasFatalFailure());
  const std::size_t open = daemon.descriptors();
  const long before = resident_kib();
  const auto begun = std::chrono::steady_clock::now();
  send(frames());
  ASSERT_FALSE(HasFatalFailure());
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  EXPECT_TRUE(settles_at(open)) << daemon.descriptors() << ", before " << open;
  const long grown = resident_kib() - before;
  std::cout << frames() << " malformed frames in " << took.count() << " s; the keeper's memory went from " << before
            << " KiB by " << grown << " KiB\n";
  EXPECT_LT(grown, 1024) << "KiB";
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(tool(daemon, {"log", "--verify"}).code, 0);
}

}  // namespace
}  // namespace faceauth::test
