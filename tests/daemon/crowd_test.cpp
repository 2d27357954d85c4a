// Many at once: nobody waits for ever, nobody gets another's answer, and too many are told so at once.
#include "support/daemon.h"
#include "support/photos.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

namespace faceauth::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kCrowd = 64;

std::vector<std::string> crowd_names() {
  std::vector<std::string> names;
  for (int i = 0; i < kCrowd + 8; ++i) names.push_back("user" + std::to_string(i));
  return names;
}

WireClient begin(const Daemon& daemon, const std::string& user) {
  WireClient client(daemon.socket());
  client.send(wire::Type::auth_begin,
              wire::AuthBegin{.user = text(user), .service = text("crowd"), .timeout_ms = 5000});
  return client;
}

Verdict verdict_for(WireClient& client, const std::string& user) {
  const auto frame = client.answer();
  if (!frame || frame->header.type != wire::Type::verdict || !(frame->header.nonce == client.nonce))
    return Verdict::error;
  const auto body = frame->as<wire::VerdictBody>();
  return body && std::string(body->user.data, body->user.size) == user ? body->verdict : Verdict::error;
}

class CrowdTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    // Every second user has the face that the camera will show.
    for (int i = 0; i < kCrowd + 8; ++i) {
      const std::string line = "face " + std::to_string(i % 2 == 0 ? 7 : 1000 + i);
      const Ran ran = tool(daemon, {"enroll", names[i], "--image", daemon.text_image("photo", line), "--force"});
      ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
    }
  }
  std::vector<std::string> names = crowd_names();
  Daemon daemon{{.timeout_s = 5, .users = crowd_names()}};
};

TEST_F(CrowdTest, SixtyFourLoginsAtOnceAreAllRightAndNoneCrossed) {
  daemon.show_text("face 7");
  std::vector<WireClient> clients;
  const auto begun = Clock::now();
  for (int i = 0; i < kCrowd; ++i) clients.push_back(begin(daemon, names[i]));
  for (int i = 0; i < kCrowd; ++i)
    EXPECT_EQ(verdict_for(clients[i], names[i]), i % 2 == 0 ? Verdict::match : Verdict::no_match) << names[i];
  EXPECT_LT(Clock::now() - begun, milliseconds(5250));
}

TEST_F(CrowdTest, TheSixtyFifthIsToldBusyAtOnce) {
  daemon.show_text("empty");
  std::vector<WireClient> waiting;
  for (int i = 0; i < kCrowd; ++i) waiting.push_back(begin(daemon, names[i]));
  // All are in front of the camera once each has had its first notice.
  for (WireClient& client : waiting) {
    for (;;) {
      const auto frame = client.receive();
      ASSERT_TRUE(frame);
      if (frame->header.type == wire::Type::notice) break;
    }
  }
  for (int i = kCrowd; i < kCrowd + 8; ++i) {
    const auto asked = Clock::now();
    WireClient late = begin(daemon, names[i]);
    EXPECT_EQ(verdict_for(late, names[i]), Verdict::busy);
    EXPECT_LT(Clock::now() - asked, milliseconds(100));
  }
}

TEST_F(CrowdTest, ConnectionsBeyondTheBoundAreRefusedAndTheRestWorks) {
  std::vector<WireClient> idle;
  for (std::size_t i = 0; i < limits::kConnectionsMax; ++i) idle.emplace_back(daemon.socket());
  WireClient late(daemon.socket());
  late.send(wire::Type::status, wire::Empty{});
  const auto refused = late.answer(milliseconds(1000));
  ASSERT_TRUE(refused);
  ASSERT_EQ(refused->header.type, wire::Type::failure);
  EXPECT_EQ(refused->as<wire::Failure>()->code, Errc::busy);
  idle.clear();
  daemon.show_text("face 7");
  // The keeper notices their ends one by one.
  Verdict verdict = Verdict::error;
  for (const auto until = Clock::now() + milliseconds(5000); verdict == Verdict::error && Clock::now() < until;) {
    WireClient next = begin(daemon, names[0]);
    verdict = verdict_for(next, names[0]);
  }
  EXPECT_EQ(verdict, Verdict::match);
}

// The same with the real eye and real faces.
TEST(RealCrowd, SixtyFourLoginsAtOnceAgainstOneReplayCamera) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  if (!std::filesystem::exists(kOwnerPhoto)) GTEST_SKIP() << "no photos: run ./dev setup";
  const std::vector<std::string> names = crowd_names();
  Daemon daemon({.eye = EyeKind::real, .timeout_s = 10, .replay_fps = 30, .users = names});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const std::string owner = daemon.dir() / "owner.jpg", stranger = daemon.dir() / "stranger.jpg",
                    view = daemon.dir() / "view.jpg";
  cut(kOwnerPhoto, kOwnerEnrols, owner);
  cut(kOtherPhoto, kStranger, stranger);
  cut(kOtherPhoto, kOwnerLogsIn, view);
  for (int i = 0; i < kCrowd; ++i) {
    const Ran ran = tool(daemon, {"enroll", names[i], "--image", i % 2 == 0 ? owner : stranger, "--force"});
    ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  }
  daemon.show({view});
  std::vector<WireClient> clients;
  for (int i = 0; i < kCrowd; ++i) clients.push_back(begin(daemon, names[i]));
  for (int i = 0; i < kCrowd; ++i)
    EXPECT_EQ(verdict_for(clients[i], names[i]), i % 2 == 0 ? Verdict::match : Verdict::no_match) << names[i];
}

}  // namespace
}  // namespace faceauth::test
