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
#include <future>
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
  static constexpr milliseconds kShut{600};     // some frames, on a busy machine too

  static std::string line(const std::string& pose, int face = 11) {
    std::string text = "face " + std::to_string(face) + " " + pose;
    text.resize(60, ' ');
    return text;
  }
  // In the running session: one write of one length into the file that the eye has open.
  void act(const std::string& pose, int face = 11) const { write_view(line(pose, face)); }
  void write_view(std::string text) const {
    text.resize(60, ' ');
    std::fstream view(daemon.dir() / "view" / "000.jpg", std::ios::in | std::ios::out);
    view << text << std::flush;
  }
  void obey(Movement movement, const std::string& more = "", int face = 11) const {
    const char* poses[] = {"", "yaw=25", "yaw=-25", "pitch=-18", "eyes=0.05"};
    act(poses[static_cast<int>(movement)] + (" " + more), face);
    if (movement != Movement::blink) return;
    std::this_thread::sleep_for(kShut);
    act(more, face);
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
    EXPECT_EQ(told, 6) << "three movements, and straight after each";
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

// A head that never holds still is recognised, and nothing is asked of it yet.
TEST_F(Movements, LeavingBeforeAnythingWasAskedCostsNothing) {
  const auto restless = [this] {
    daemon.show({daemon.text_image("here", line("")), daemon.text_image("there", line("yaw=12"))});
    WireClient client(daemon.socket());
    client.send(wire::Type::auth_begin, wire::AuthBegin{.user = text("ann"), .service = text("test")});
    return client;
  };
  const auto verdicts = [this] {
    std::size_t count = 0;
    const std::string log = daemon.log(), of = "ann for service test: ";
    for (std::size_t at = 0; (at = log.find(of, at)) != std::string::npos; at += of.size()) ++count;
    return count;
  };
  {
    WireClient client = restless();
    std::this_thread::sleep_for(milliseconds(1200));
  }
  for (int i = 0; i < 50 && verdicts() == 0; ++i) std::this_thread::sleep_for(milliseconds(100));
  ASSERT_EQ(verdicts(), 1U) << daemon.log();
  EXPECT_EQ(failures(), 0);
  // It was recognised: whoever stays, and does not hold still, has failed.
  WireClient client = restless();
  const auto frame = talk(client, [](Movement) { return true; });
  ASSERT_TRUE(frame && frame->header.type == wire::Type::verdict);
  EXPECT_EQ(frame->as<wire::VerdictBody>()->verdict, Verdict::not_live) << daemon.log();
  EXPECT_EQ(told, 0);
  EXPECT_EQ(failures(), 1);
}

TEST_F(Movements, SomebodyElseCannotMoveForThePhoto) {
  EXPECT_EQ(log_in([this](Movement m) { return obey(m, "", 99), true; }), Verdict::not_live);
  EXPECT_EQ(failures(), 1);
}

TEST_F(Movements, APictureThatObeysIsNotLive) {
  EXPECT_EQ(log_in([this](Movement m) { return obey(m, "live=0.2"), true; }), Verdict::not_live);
  EXPECT_EQ(log_in([this](Movement m) { return obey(m, "looped"), true; }), Verdict::not_live);
  EXPECT_EQ(failures(), 2);
}

// Who pulls the plug when the order does not suit, or holds the last picture, would draw orders until one suits. Before
// the first order there is nothing to draw, and a camera that stops is nobody's failure.
TEST_F(Movements, ACameraThatStopsAfterTheOrderJudgesNobodyButCostsATry) {
  for (const char* const end : {"unplugged", "face 11 frozen", "dark"}) {
    const int before = failures();
    told = 0;
    EXPECT_EQ(log_in([&](Movement) { return write_view(end), true; }), Verdict::camera_unavailable) << daemon.log();
    EXPECT_EQ(told, 1);
    EXPECT_EQ(failures(), before + 1) << end;
  }
  for (const char* const never : {"unplugged", "face 11 frozen"}) {
    told = 0;
    write_view(never);
    WireClient client(daemon.socket());
    client.send(wire::Type::auth_begin, wire::AuthBegin{.user = text("ann"), .service = text("test")});
    const auto frame = talk(client, [](Movement) { return true; });
    ASSERT_TRUE(frame && frame->header.type == wire::Type::verdict);
    EXPECT_EQ(frame->as<wire::VerdictBody>()->verdict, Verdict::camera_unavailable);
    EXPECT_FALSE(frame->as<wire::VerdictBody>()->judged);
    EXPECT_EQ(told, 0);
  }
  EXPECT_EQ(failures(), 3);
}

// Who can make the eye die, hang or lie would draw likewise.
TEST_F(Movements, AnEyeThatBreaksAfterTheOrderJudgesNobodyButCostsATry) {
  int before = 0;
  for (const char* const end : {"crash", "garbage"}) {
    told = 0;
    EXPECT_EQ(log_in([&](Movement) { return write_view(end), true; }), Verdict::timeout) << daemon.log();
    EXPECT_EQ(told, 1);
    EXPECT_EQ(failures(), ++before) << end;
  }
  // Before the first order there is nothing to draw.
  daemon.show_text("crash");
  WireClient client(daemon.socket());
  client.send(wire::Type::auth_begin, wire::AuthBegin{.user = text("ann"), .service = text("test")});
  const auto frame = talk(client, [](Movement) { return true; });
  ASSERT_TRUE(frame && frame->header.type == wire::Type::verdict);
  EXPECT_EQ(frame->as<wire::VerdictBody>()->verdict, Verdict::timeout);
  EXPECT_EQ(failures(), before);
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

TEST_F(Movements, PamShowsTheWordsAndATimeTooShortForThemJudgesNobody) {
  const Login slow = login(daemon, "ann");
  EXPECT_EQ(slow.code, PAM_AUTH_ERR) << slow.texts;
  const bool words = slow.texts.find("Turn your head") != std::string::npos ||
                     slow.texts.find("Nod") != std::string::npos ||
                     slow.texts.find("Close your eyes") != std::string::npos;
  EXPECT_TRUE(words) << slow.texts;
  EXPECT_EQ(failures(), 1);
  for (int time = 0; time < 2; ++time) {
    const Login quick = login(daemon, "ann", {.module_options = "timeout=20"});
    EXPECT_EQ(quick.code, PAM_AUTHINFO_UNAVAIL) << quick.texts;
    EXPECT_EQ(quick.texts.find("Looking"), std::string::npos) << "the camera stays shut: " << quick.texts;
    EXPECT_LT(quick.elapsed, milliseconds(2000));
  }
  EXPECT_EQ(failures(), 1);
  const std::string log = daemon.log(), warning = "leaves no time to recognise a face";
  const std::size_t first = log.find(warning);
  ASSERT_NE(first, std::string::npos) << log;
  EXPECT_EQ(log.find(warning, first + 1), std::string::npos) << "it is said once";
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
  const auto done = talk(bob, [this](Movement m) { return obey(m, "", 22), true; });
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
  EXPECT_EQ(told, 2) << "to nod, and to look straight";
  EXPECT_EQ(log_in([](Movement) { return true; }, Intent::gesture), Verdict::not_allowed);
  EXPECT_EQ(failures(), 0);
  EXPECT_EQ(log_in([](Movement) { return true; }), Verdict::match) << "no service asked for a gesture";
}

// sddm waits for ever for a word that comes just before the end.
TEST_F(Gesture, ASilentLineTellsTheMovementButNotToLookStraight) {
  for (const std::string quiet : {"", " quiet"}) {
    act("");
    auto pending = std::async(std::launch::async,
                              [&] { return login(daemon, "ann", {.module_options = "intent=gesture" + quiet}); });
    std::this_thread::sleep_for(milliseconds(1500));
    act("pitch=-18");
    std::this_thread::sleep_for(kShut);
    act("");
    const Login nodded = pending.get();
    EXPECT_EQ(nodded.code, PAM_SUCCESS) << daemon.log();
    EXPECT_EQ(nodded.texts.find("straight") == std::string::npos, !quiet.empty()) << nodded.texts;
    if (!quiet.empty()) {
      EXPECT_EQ(nodded.texts, "Nod\n");
    }
  }
}

TEST_F(Gesture, AnotherFaceOrARecordingThatNodsIsCounted) {
  EXPECT_EQ(log_in([this](Movement m) { return obey(m, "", 99), true; }, Intent::gesture), Verdict::no_match);
  EXPECT_EQ(failures(), 1);
  EXPECT_EQ(log_in([this](Movement m) { return obey(m, "looped"), true; }, Intent::gesture), Verdict::not_live);
  EXPECT_EQ(failures(), 2);
  EXPECT_EQ(log_in([this](Movement m) { return obey(m, "frozen"), true; }, Intent::gesture),
            Verdict::camera_unavailable);
  EXPECT_EQ(failures(), 2) << "a frozen camera nods for nobody, and there is one order only";
}

}  // namespace
}  // namespace faceauth::test
