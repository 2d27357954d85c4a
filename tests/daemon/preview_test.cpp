// Who sees the camera's pictures, and of whom; and a registration that leads through poses.
#include "support/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <tests/support/built.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace faceauth::test {
namespace {

using nlohmann::json;
using Events = std::vector<json>;

Events events_of(const Ran& ran) {
  Events events;
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);)
    if (json event = json::parse(line, nullptr, false); !event.is_discarded()) events.push_back(std::move(event));
  return events;
}

bool shows_pictures(const Events& events) {
  return std::any_of(events.begin(), events.end(), [](const json& e) { return e.contains("picture"); });
}

std::size_t count(const Events& events, const std::string& kind) {
  return static_cast<std::size_t>(
      std::count_if(events.begin(), events.end(), [&](const json& e) { return e["event"] == kind; }));
}

// For so many seconds, or until it ends by itself.
Ran preview(const Daemon& daemon, const std::string& seconds, uid_t uid = 0) {
  return run({"/usr/bin/timeout", "-s", "TERM", seconds, daemon.within_reach(built::kTool, uid), "--config",
              daemon.config(), "preview", "--json", "--pictures"},
             "", uid);
}

void register_face(const Daemon& daemon, const std::string& user) {
  const std::string photo = daemon.text_image("photo", "face 11");
  ASSERT_EQ(tool(daemon, {"enroll", user, "--image", photo, "--password-stdin"}, "s3cret words\n").code, 0);
  daemon.show_text("face 11");
}

TEST(Preview, RootSeesPicturesAndWhatWasMeasured) {
  if (geteuid() != 0) GTEST_SKIP() << "root's";
  Daemon daemon({.users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  daemon.show_text("face 11");
  const Ran ran = preview(daemon, "1.5");
  const Events events = events_of(ran);
  ASSERT_GT(count(events, "view"), 5U) << ran.out << ran.err << daemon.log();
  EXPECT_TRUE(shows_pictures(events));
  EXPECT_EQ(events.back()["issue"], "none");
  EXPECT_EQ(events.back()["frame"], json::parse("[640,480]"));
  EXPECT_FALSE(events.back().contains("liveness")) << "no score that tunes a spoof";
}

TEST(Preview, TheRealEyeShowsAThumbnailFromWithinItsSandbox) {
  if (geteuid() != 0) GTEST_SKIP() << "root's";
  Daemon daemon({.eye = EyeKind::real, .replay_fps = 10});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  daemon.show({built::photo("sample3.jpg")});
  const Events events = events_of(preview(daemon, "4"));
  ASSERT_TRUE(shows_pictures(events)) << daemon.log();
  const json& last = events.back();
  EXPECT_GT(last["frame"][0], 320) << "the photo's own size";
  EXPECT_EQ(std::max(last["picture"]["width"], last["picture"]["height"]), 320);
  EXPECT_GT(last["faces"], 1);
  EXPECT_EQ(last["issue"], "several-faces");
}

TEST(Preview, IsRefusedToSomebodyWithoutASessionAtThisMachine) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  Daemon daemon({.users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  daemon.show_text("face 11");
  const Ran ran = preview(daemon, "5", 20000);
  EXPECT_EQ(ran.code, 3) << ran.err;
  EXPECT_FALSE(shows_pictures(events_of(ran)));
}

TEST(Preview, EndsWhenALoginNeedsTheCamera) {
  if (geteuid() != 0) GTEST_SKIP() << "root's";
  Daemon daemon({.users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  register_face(daemon, "ann");
  Ran seen;
  std::thread beside([&] { seen = preview(daemon, "10"); });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
  beside.join();
  EXPECT_EQ(seen.code, 7) << seen.err;
  EXPECT_TRUE(shows_pictures(events_of(seen))) << "until then";
  EXPECT_EQ(events_of(seen).back()["error"], "busy");
}

TEST(Preview, DoesNotShowWhoeverIsBeforeTheCameraForSomethingElse) {
  if (geteuid() != 0) GTEST_SKIP() << "root's";
  Daemon daemon({.timeout_s = 4, .users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  register_face(daemon, "ann");
  daemon.show_text("empty");
  std::thread beside([&] { (void)tool(daemon, {"verify", "ann"}); });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const Ran ran = preview(daemon, "10");
  beside.join();
  EXPECT_EQ(ran.code, 7) << ran.out << ran.err;
  EXPECT_FALSE(shows_pictures(events_of(ran)));
}

TEST(Preview, WhoHasNoActiveSessionIsToldSoAndWhatToDo) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  Daemon daemon({.this_systems_users = true});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  constexpr uid_t kNobody = 65534;
  for (const std::vector<std::string>& verb :
       {std::vector<std::string>{"preview"}, {"cameras"}, {"verify", "nobody"}}) {
    const Ran ran = tool(daemon, verb, "", kNobody);
    EXPECT_EQ(ran.code, 3) << verb[0];
    EXPECT_NE(ran.err.find("no active session at this machine"), std::string::npos) << verb[0] << ran.err;
    EXPECT_NE(ran.err.find("use sudo"), std::string::npos) << ran.err;
  }
  const Ran other = tool(daemon, {"verify", "root"}, "", kNobody);
  EXPECT_EQ(other.code, 3);
  EXPECT_NE(other.err.find("only root may do this for somebody else"), std::string::npos) << other.err;
}

TEST(Preview, OnesOwnThatWasKilledIsNobodyElse) {
  if (geteuid() != 0) GTEST_SKIP() << "root's";
  Daemon daemon({.users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  daemon.show_text("face 11");
  for (int i = 0; i < 8; ++i) {
    const Ran ran = preview(daemon, "0.7");
    EXPECT_NE(ran.code, 7) << ran.out << ran.err;
    EXPECT_TRUE(shows_pictures(events_of(ran))) << i << ran.out << ran.err;
  }
}

// The views of one head that turns.
void show_turning_head(const Daemon& daemon) {
  std::vector<std::string> views;
  for (const char* view :
       {"face 11 view=1", "face 11 view=2 yaw=15", "face 11 view=3 yaw=-15", "face 11 view=4 pitch=9"})
    views.push_back(daemon.text_image("view" + std::to_string(views.size()), view));
  daemon.show(views);
}

TEST(GuidedRegistration, LeadsThroughThePosesAndTriesALogin) {
  if (geteuid() != 0) GTEST_SKIP() << "root's";
  Daemon daemon({.users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  show_turning_head(daemon);
  const Ran ran = tool(daemon, {"enroll", "ann", "--events", "--pictures"});
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  const Events events = events_of(ran);
  std::vector<std::string> poses;
  for (const json& e : events)
    if (e["event"] == "pose") poses.push_back(e["pose"]);
  EXPECT_EQ(poses, (std::vector<std::string>{"straight", "left", "right", "up", "straight"}));
  EXPECT_EQ(count(events, "taken"), 5U);
  EXPECT_TRUE(shows_pictures(events));
  ASSERT_EQ(count(events, "trial"), 1U) << ran.out;
  const auto trial = std::find_if(events.begin(), events.end(), [](const json& e) { return e["event"] == "trial"; });
  EXPECT_EQ((*trial)["verdict"], "match") << *trial;
  EXPECT_EQ(events.back()["event"], "result");
  EXPECT_EQ(events.back()["ok"], true);
  EXPECT_TRUE(std::ifstream(daemon.dir() / "store/camera").good()) << "auto knows it from now on";
}

constexpr uid_t kNobody = 65534;

TEST(GuidedRegistration, GoesOnWithWordsAloneForWhoIsNotAtTheMachine) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  Daemon daemon({.this_systems_users = true});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  register_face(daemon, "nobody");
  show_turning_head(daemon);
  const Ran ran =
      tool(daemon, {"enroll", "nobody", "--events", "--pictures", "--password-stdin"}, "s3cret words\n", kNobody);
  EXPECT_EQ(ran.code, 0) << ran.out << ran.err;
  const Events events = events_of(ran);
  EXPECT_FALSE(shows_pictures(events));
  EXPECT_EQ(count(events, "view"), 0U) << "who sits there instead is not measured for him";
  EXPECT_GT(count(events, "pose"), 3U) << "he is told what to do";
  EXPECT_EQ(count(events, "taken"), 5U);
}

// Waits until what a program writes holds `words` so often.
bool says(const std::string& file, const std::string& words, int times) {
  for (int wait = 0; wait < 200; ++wait) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    int found = 0;
    for (std::size_t at = 0; (at = text.find(words, at)) != std::string::npos; at += words.size()) ++found;
    if (found >= times) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

// Who is at the machine sees himself, until another session comes to its front: while he is told to move too.
TEST(GuidedRegistration, EndsDuringTheMovementsWhenAnotherSessionComesToTheFront) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  Daemon daemon({.liveness = "active", .fake_logind = true, .this_systems_users = true});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  register_face(daemon, "nobody");
  show_turning_head(daemon);
  const std::string active = daemon.dir() / "active", said = daemon.dir() / "said";
  for (const std::string& file : {active, said}) std::ofstream(file).flush();
  std::filesystem::permissions(said, std::filesystem::perms(0666));
  Ran ran;
  std::thread enrols([&] {
    const std::string command = daemon.within_reach(built::kTool, kNobody) + " --config " + daemon.config() +
                                " enroll nobody --events --password-stdin > " + said;
    ran = run({"/bin/sh", "-c", command}, "s3cret words\n", kNobody);
  });
  EXPECT_TRUE(says(said, "\"event\":\"taken\"", 5)) << daemon.log();
  for (int view = 0; view < 4; ++view) {  // now it holds still: in place, for the session that has the files open
    std::fstream file(daemon.dir() / "view" / ("00" + std::to_string(view) + ".jpg"), std::ios::in | std::ios::out);
    file << "face 11" << std::string(20, ' ') << std::flush;
  }
  EXPECT_TRUE(says(said, "\"event\":\"movement\"", 1));
  EXPECT_TRUE(says(said, "\"event\":\"view\"", 6)) << "he was shown";
  std::filesystem::remove(active);
  enrols.join();
  EXPECT_EQ(ran.code, 3) << ran.err;
  EXPECT_TRUE(says(said, "not-permitted", 1));
}

TEST(GuidedRegistration, GoesOnWithWordsAloneBesideSomebodyElsesRequest) {
  if (geteuid() != 0) GTEST_SKIP() << "root's";
  Daemon daemon({.timeout_s = 8, .users = {"ann", "bob"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  register_face(daemon, "ann");
  daemon.show_text("empty");
  std::thread beside([&] { (void)tool(daemon, {"verify", "ann"}); });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  const Ran ran = run({"/usr/bin/timeout", "-s", "TERM", "3", built::kTool, "--config", daemon.config(), "enroll",
                       "bob", "--events", "--pictures"});
  beside.join();
  const Events events = events_of(ran);
  EXPECT_FALSE(shows_pictures(events));
  EXPECT_EQ(count(events, "view"), 0U) << ran.out;
  EXPECT_GT(count(events, "issue"), 0U) << "he is told that nobody is there: " << ran.out << ran.err;
}

TEST(GuidedRegistration, WithoutEventsOrATerminalNothingIsAskedThatWasNot) {
  if (geteuid() != 0) GTEST_SKIP() << "root's";
  Daemon daemon({.users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  daemon.show_text("face 11");
  const Ran ran = tool(daemon, {"--json", "enroll", "ann"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_EQ(json::parse(ran.out)["ok"], true) << "one object";
  EXPECT_EQ(ran.err.find("Turn your head"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace faceauth::test
