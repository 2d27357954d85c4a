// verify and identify: photos, people who may not log in now, and views that cannot be used.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <string>
#include <vector>

namespace faceauth::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

class ExamineTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    for (const auto& [user, face] : {std::pair{"ann", "face 11"}, std::pair{"bob", "face 22"}})
      ASSERT_EQ(tool(daemon, {"enroll", user, "--image", daemon.text_image(user, face)}).code, 0) << daemon.log();
  }
  json identify(const std::string& photo) {
    return json::parse(tool(daemon, {"--json", "identify", "--image", daemon.text_image("probe", photo)}).out);
  }

  Daemon daemon{{.liveness = "passive", .timeout_s = 2, .users = {"ann", "bob"}}};
};

TEST_F(ExamineTest, APhotoThatRootGivesNeedNotBeLive) {
  const Ran same = tool(daemon, {"--json", "verify", "ann", "--image", daemon.text_image("p", "face 11 live=0.1")});
  EXPECT_EQ(same.code, 0) << same.out;
  EXPECT_NEAR(json::parse(same.out)["liveness"].get<double>(), 0.1, 0.01) << "the score is told";
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--image", daemon.text_image("p", "face 99 live=0.9")}).code, 1);
}

TEST_F(ExamineTest, RootIsToldWhichCheckRefusedAndByHowMuch) {
  const auto verify = [this](const std::string& face) {
    return json::parse(tool(daemon, {"--json", "verify", "ann", "--image", daemon.text_image("p", face)}).out);
  };
  const json same = verify("face 11"), stranger = verify("face 99");
  ASSERT_EQ(same["checks"].size(), 2u) << same.dump() << ": of a photo, liveness is no check";
  EXPECT_TRUE(same["checks"][0]["held"] && same["checks"][1]["held"]);
  EXPECT_TRUE(same["advice"].is_null());
  ASSERT_EQ(stranger["checks"].size(), 2u);
  EXPECT_EQ(stranger["checks"][0]["check"], "face");
  EXPECT_FALSE(stranger["checks"][0]["held"]);
  EXPECT_GT(stranger["checks"][0]["seen"], stranger["checks"][0]["most"]);
  EXPECT_FALSE(stranger["checks"][1]["held"]) << "the second recogniser sees another person as well";
  EXPECT_NE(stranger["advice"].get<std::string>().find("both recognisers"), std::string::npos);
  daemon.show_text("face 11 live=0.1");
  const json dead = json::parse(tool(daemon, {"--json", "verify", "ann"}).out);
  ASSERT_EQ(dead["checks"].size(), 3u) << dead.dump();
  EXPECT_EQ(dead["checks"][2]["check"], "liveness");
  EXPECT_FALSE(dead["checks"][2]["held"]);
}

TEST_F(ExamineTest, WhoMayNotLogInIsStillWhoHeIs) {
  ASSERT_EQ(tool(daemon, {"disable", "ann"}).code, 0);
  EXPECT_EQ(identify("face 11")["user"], "ann");
  EXPECT_EQ(tool(daemon, {"--json", "verify", "ann", "--image", daemon.text_image("p", "face 11")}).code, 7);
}

TEST_F(ExamineTest, WhoeverIsSwitchedOffIsToldWhoCanChangeIt) {
  const auto ann = [this] {
    return json::parse(tool(daemon, {"--json", "verify", "ann", "--image", daemon.text_image("p", "face 11")}).out);
  };
  ASSERT_EQ(tool(daemon, {"disable"}).code, 0);
  const Ran enabled = tool(daemon, {"enable", "ann"});
  EXPECT_EQ(enabled.code, 0);
  EXPECT_NE(enabled.err.find("faces are off for everybody"), std::string::npos) << enabled.err;
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "status"}).out)["faces_off"], true);
  const json for_all = ann();
  EXPECT_EQ(for_all["reason"], "face login is switched off for everybody");
  EXPECT_TRUE(for_all["advice"].get<std::string>().ends_with("enroll-tool enable")) << for_all.dump();
  ASSERT_EQ(tool(daemon, {"enable"}).code, 0) << "as advised";
  EXPECT_EQ(ann()["verdict"], "match");
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "status"}).out)["faces_off"], false);
  ASSERT_EQ(tool(daemon, {"disable", "ann"}).code, 0);
  EXPECT_TRUE(ann()["advice"].get<std::string>().ends_with("enroll-tool enable ann"));
}

TEST_F(ExamineTest, AViewThatCannotBeUsedSaysWhy) {
  EXPECT_EQ(identify("two")["verdict"], "multiple-faces");
  EXPECT_EQ(identify("empty")["verdict"], "no-face");
  EXPECT_EQ(identify("face 11 height=20")["verdict"], "poor-quality");
  const auto by_camera = [this](const std::string& line) {
    daemon.show_text(line);
    return json::parse(tool(daemon, {"--json", "identify"}).out)["verdict"];
  };
  EXPECT_EQ(by_camera("two"), "multiple-faces");
  EXPECT_EQ(by_camera("empty"), "no-face");
  EXPECT_EQ(by_camera("face 11 live=0.1"), "not-live");
  EXPECT_EQ(by_camera("face 11 live=0.9"), "match");
}

TEST_F(ExamineTest, AFaceThatIsBarredWhileThePersonIsAskedIsNotLookedAt) {
  daemon.show_text("face 11");
  WireClient client(daemon.socket());
  wire::AuthBegin begin{.user = text("ann"), .service = text("test")};
  begin.intent = Intent::enter;
  begin.may_prompt = true;
  client.send(wire::Type::auth_begin, begin);
  const auto ask = client.answer();
  ASSERT_TRUE(ask && ask->header.type == wire::Type::ask);
  ASSERT_EQ(tool(daemon, {"disable", "ann"}).code, 0);
  client.send(wire::Type::answer, wire::Answer{wire::Answers::enter, {}});
  const auto next = client.receive();
  ASSERT_TRUE(next);
  ASSERT_EQ(next->header.type, wire::Type::verdict) << "and no notice that the camera is on";
  EXPECT_EQ(next->as<wire::VerdictBody>()->verdict, Verdict::disabled);
}

TEST_F(ExamineTest, OthersAreRefusedBeforeTheyAreAskedForAnything) {
  const uid_t bob = 20001;
  EXPECT_EQ(tool(daemon, {"passwd", "ann", "--password-stdin"}, "new\n", bob).code, 3);
  EXPECT_EQ(tool(daemon, {"enroll", "ann"}, "", bob).code, 3);
  EXPECT_EQ(tool(daemon, {"enroll", "bob", "--image", "/nonexistent"}, "", bob).code, 3);
  EXPECT_EQ(tool(daemon, {"identify", "--image", "/nonexistent"}, "", bob).code, 3);
  EXPECT_EQ(tool(daemon, {"verify", "bob", "--image", "/nonexistent"}, "", bob).code, 3);
}

// They would tune a fake. Read off the wire, since what a tool shows is the tool's choice.
TEST(Scores, AreForRootAlone) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  constexpr uid_t kNobody = 65534;
  Daemon daemon({.liveness = "passive", .fake_logind = true, .timeout_s = 2, .this_systems_users = true});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  std::ofstream(daemon.dir() / "active").put('1');
  ASSERT_EQ(tool(daemon, {"enroll", "nobody", "--image", daemon.text_image("n", "face 11")}).code, 0) << daemon.log();
  const auto scores_for = [&](uid_t uid, const std::string& shown) {
    daemon.show_text(shown);
    // The bare call changes this thread alone, and who connects is who asks.
    ::syscall(SYS_setresuid, -1, uid, -1);
    WireClient client(daemon.socket());
    ::syscall(SYS_setresuid, -1, 0, -1);
    client.send(wire::Type::verify_begin, wire::VerifyBegin{.user = text("nobody")});
    client.send(wire::Type::finish, wire::Empty{});
    const auto answer = client.answer();
    const auto result = answer ? answer->as<wire::VerifyResult>() : std::nullopt;
    EXPECT_TRUE(result && result->frames > 0) << daemon.log();
    if (!result) return std::vector<float>{};
    return std::vector<float>{result->scored ? 1.0F : 0.0F, result->distance, result->threshold,     result->dlib,
                              result->dlib_threshold,       result->liveness, result->liveness_least};
  };
  for (const char* shown : {"face 12 toward=11,0.5", "face 99", "face 11 live=0.1"}) {
    EXPECT_THAT(scores_for(0, shown),
                testing::AllOf(testing::SizeIs(7), testing::Each(testing::Ge(0.0F)), testing::Contains(1.0F)))
        << shown;
    EXPECT_THAT(scores_for(kNobody, shown), testing::AllOf(testing::SizeIs(7), testing::Each(0.0F))) << shown;
  }
}

}  // namespace
}  // namespace faceauth::test
