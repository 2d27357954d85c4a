// Movements that are asked for (liveness.mode "active", intent "gesture"), over the real wire, keeper and PAM module;
// the stand-in eye shows what the test acts.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

namespace faceauth::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

class Movements : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("a", "face 11")}).code, 0) << daemon.log();
    daemon.show_text(line(""));
  }

  using React = std::function<bool(Movement)>;  // false: the client leaves

  static std::string line(const std::string& pose, int face = 11) {
    std::string text = "face " + std::to_string(face) + " " + pose;
    text.resize(60, ' ');
    return text;
  }
  // In the running session: one write of one length into the file that the eye has open.
  void act(const std::string& pose, int face = 11) const {
    std::fstream view(daemon.dir() / "view" / "000.jpg", std::ios::in | std::ios::out);
    view << line(pose, face) << std::flush;
  }
  void obey(Movement movement) const {
    const char* poses[] = {"", "yaw=25", "yaw=-25", "pitch=-18", "eyes=0.05"};
    act(poses[static_cast<int>(movement)]);
    if (movement != Movement::blink) return;
    std::this_thread::sleep_for(milliseconds(200));
    act("");
  }

  // Until something else than a notice comes. `react` is told each movement.
  std::optional<Answered> talk(WireClient& client, const React& react) {
    for (;;) {
      std::optional<Answered> frame = client.receive(milliseconds(30'000));
      if (!frame || (frame->header.type != wire::Type::ack && frame->header.type != wire::Type::notice)) return frame;
      const auto notice = frame->as<wire::NoticeBody>();
      if (frame->header.type == wire::Type::notice && notice->code == wire::Notice::movement) {
        ++told;
        if (!react(static_cast<Movement>(notice->detail))) return std::nullopt;
      }
    }
  }
  Verdict log_in(const React& react, Intent intent = Intent::none) {
    act("");
    WireClient client(daemon.socket());
    wire::AuthBegin begin{.user = text("ann"), .service = text("test")};
    begin.intent = intent;
    client.send(wire::Type::auth_begin, begin);
    const auto frame = talk(client, react);
    return frame && frame->header.type == wire::Type::verdict ? frame->as<wire::VerdictBody>()->verdict
                                                              : Verdict::error;
  }
  Verdict log_in_obediently(Intent intent = Intent::none) {
    return log_in([this](Movement m) { return obey(m), true; }, intent);
  }
  int failures() const {
    return json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0]["failures"].get<int>();
  }

  Daemon daemon{{.liveness = "active", .timeout_s = 3, .replay_fps = 30, .users = {"ann", "bob"}}};
  int told = 0;
};

TEST_F(Movements, WhoDoesAsToldIsLetIn) {
  for (int login = 0; login < 4; ++login) {
    told = 0;
    EXPECT_EQ(log_in_obediently(), Verdict::match) << daemon.log();
    EXPECT_EQ(told, 5) << "three movements and two times straight";
  }
  EXPECT_EQ(failures(), 0);
}

TEST_F(Movements, AFaceThatStaysStillIsNotLiveAndThatIsCounted) {
  EXPECT_EQ(log_in([](Movement) { return true; }), Verdict::not_live);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(failures(), 1);
}

TEST_F(Movements, AnotherMovementIsRefusedAtOnce) {
  std::chrono::steady_clock::time_point acted;
  EXPECT_EQ(log_in([&](Movement m) {
              act(m == Movement::turn_right ? "yaw=25" : "yaw=-25");
              acted = std::chrono::steady_clock::now();
              return true;
            }),
            Verdict::not_live);
  EXPECT_LT(std::chrono::steady_clock::now() - acted, std::chrono::seconds(1));
  EXPECT_EQ(told, 1);
}

TEST_F(Movements, LeavingWhenTheOrderDoesNotSuitIsCounted) {
  EXPECT_EQ(log_in([](Movement) { return false; }), Verdict::error);
  for (int i = 0; i < 50 && failures() == 0; ++i) std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(failures(), 1);
}

TEST_F(Movements, SomebodyElseCannotMoveForThePhoto) {
  EXPECT_EQ(log_in([this](Movement m) {
              const char* poses[] = {"", "yaw=25", "yaw=-25", "pitch=-18", "eyes=0.05"};
              act(poses[static_cast<int>(m)], 99);
              return true;
            }),
            Verdict::not_live);
}

TEST_F(Movements, AStrangerIsNotAskedToMove) {
  daemon.show_text(line("", 99));
  WireClient client(daemon.socket());
  client.send(wire::Type::auth_begin, wire::AuthBegin{.user = text("ann"), .service = text("test")});
  const auto frame = talk(client, [](Movement) { return true; });
  ASSERT_TRUE(frame && frame->header.type == wire::Type::verdict);
  EXPECT_EQ(frame->as<wire::VerdictBody>()->verdict, Verdict::no_match);
  EXPECT_EQ(told, 0);
}

TEST_F(Movements, PamShowsTheWordsAndItsTimeoutBoundsThemToo) {
  const Login slow = login(daemon, "ann");
  EXPECT_EQ(slow.code, PAM_AUTH_ERR) << slow.texts;
  const bool words = slow.texts.find("Turn your head") != std::string::npos ||
                     slow.texts.find("Nod") != std::string::npos ||
                     slow.texts.find("Close your eyes") != std::string::npos;
  EXPECT_TRUE(words) << slow.texts;
  const Login quick = login(daemon, "ann", {.module_options = "timeout=2"});
  EXPECT_EQ(quick.code, PAM_AUTH_ERR) << quick.texts;
  EXPECT_LT(quick.elapsed, milliseconds(2600));
  EXPECT_EQ(failures(), 2);
}

TEST_F(Movements, VerifyAsksForThemAndEnrolmentTakesNobodyWithoutThem) {
  WireClient client(daemon.socket());
  client.send(wire::Type::verify_begin, wire::VerifyBegin{.user = text("ann")});
  client.send(wire::Type::finish, wire::Empty{});
  const auto frame = talk(client, [this](Movement m) { return obey(m), true; });
  ASSERT_TRUE(frame && frame->header.type == wire::Type::verify_result) << daemon.log();
  EXPECT_EQ(frame->as<wire::VerifyResult>()->verdict, Verdict::match);

  act("", 22);
  const Ran still = tool(daemon, {"enroll", "bob"});
  EXPECT_EQ(still.code, 5) << still.err;
  EXPECT_NE(still.err.find("movements"), std::string::npos) << still.err;
  EXPECT_EQ(tool(daemon, {"list", "bob"}).code, 4) << "nothing was stored";

  WireClient bob(daemon.socket());
  bob.send(wire::Type::enroll_begin, wire::EnrollBegin{.user = text("bob")});
  bob.send(wire::Type::finish, wire::Empty{});
  const auto done = talk(bob, [this](Movement m) {
    const char* poses[] = {"", "yaw=25", "yaw=-25", "pitch=-18", "eyes=0.05"};
    act(poses[static_cast<int>(m)], 22);
    if (m == Movement::blink) {
      std::this_thread::sleep_for(milliseconds(200));
      act("", 22);
    }
    return true;
  });
  ASSERT_TRUE(done);
  EXPECT_EQ(done->header.type, wire::Type::done);
}

class Gesture : public Movements {
 protected:
  void SetUp() override {
    Movements::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(daemon.stop(), 0);
    std::ifstream in(daemon.config());
    std::string toml{std::istreambuf_iterator<char>(in), {}};
    toml.replace(toml.find("\"active\""), 8, "\"passive\"");
    std::ofstream(daemon.config()) << toml;
    ASSERT_TRUE(daemon.start()) << daemon.log();
  }
};

TEST_F(Gesture, ANodLetsInAndWithoutItNothingIsHeldAgainstAnybody) {
  EXPECT_EQ(log_in_obediently(Intent::gesture), Verdict::match);
  EXPECT_EQ(told, 1);
  EXPECT_EQ(log_in([](Movement) { return true; }, Intent::gesture), Verdict::not_allowed);
  EXPECT_EQ(failures(), 0);
  EXPECT_EQ(log_in([](Movement) { return true; }), Verdict::match) << "no service asked for a gesture";
}

}  // namespace
}  // namespace faceauth::test
