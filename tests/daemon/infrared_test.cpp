// An infrared camera alone or beside the colour one: who gets in, by which templates, and what he is told.
#include "support/daemon.h"

#include <faced/auth/joint_verdict.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <future>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace faceauth::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kInfrared = "infrared";

// "face 11" is ann in colour. In infrared everybody looks otherwise, and so is another number: ann is "face 111".
class BothCameras : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling is root's";
    daemon.show_text("face 11");
    daemon.show_text("face 111", kInfrared);
    ASSERT_TRUE(daemon.start()) << daemon.log();
  }
  void enroll(const std::string& user) {
    const Ran ran = tool(daemon, {"enroll", user});
    ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  }
  json listed(const std::string& user) { return json::parse(tool(daemon, {"--json", "list", user}).out)["users"][0]; }
  json verified(const std::string& user) { return json::parse(tool(daemon, {"--json", "verify", user}).out); }

  Daemon daemon{{.liveness = "passive", .infrared = true, .timeout_s = 2, .users = {"ann", "bob"}}};
};

TEST_F(BothCameras, WhoMatchesBeforeBothIsLetIn) {
  enroll("ann");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(verified("ann")["verdict"], "match");
  const std::string camera = json::parse(tool(daemon, {"--json", "status"}).out)["camera"];
  EXPECT_THAT(camera, HasSubstr("/view/"));
  EXPECT_THAT(camera, HasSubstr("/infrared/"));
}

TEST_F(BothCameras, EachCameraAloneCanRefuse) {
  enroll("ann");
  daemon.show_text("face 999", kInfrared);
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR) << "somebody else in infrared";
  daemon.show_text("face 111", kInfrared);
  daemon.show_text("face 99");
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR) << "somebody else in colour";
  daemon.show_text("face 11 live=0.1");
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR) << "a print in colour";
  EXPECT_EQ(listed("ann")["failures"], 3);
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
}

// A screen is dark in infrared.
TEST_F(BothCameras, NobodyInInfraredIsNotJudgedAndLetsNobodyIn) {
  enroll("ann");
  daemon.show_text("empty", kInfrared);
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTHINFO_UNAVAIL);
  EXPECT_EQ(verified("ann")["verdict"], "no-face");
  EXPECT_EQ(listed("ann")["failures"], 0);
}

TEST_F(BothCameras, AnEmitterThatIsOffIsToldAndCostsNothing) {
  enroll("ann");
  daemon.show_text("dark", kInfrared);
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTHINFO_UNAVAIL);
  const json answer = verified("ann");
  EXPECT_EQ(answer["verdict"], "camera-unavailable");
  EXPECT_THAT(answer["reason"].get<std::string>(), HasSubstr("linux-enable-ir-emitter"));
  EXPECT_EQ(listed("ann")["failures"], 0);
  EXPECT_THAT(daemon.log(), HasSubstr("all dark"));
}

TEST_F(BothCameras, AnInfraredCameraThatIsNotThereLetsNobodyIn) {
  enroll("ann");
  daemon.show({}, kInfrared);
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTHINFO_UNAVAIL);
  EXPECT_EQ(verified("ann")["verdict"], "camera-unavailable");
}

TEST_F(BothCameras, RegisteringTakesTemplatesOfBothAndMarksThem) {
  enroll("ann");
  std::size_t color = 0, infrared = 0;
  const json user = listed("ann");
  for (const json& entry : user["templates"]) {
    const std::string source = entry["source"];
    color += source.starts_with("camera ") ? 1 : 0;
    infrared += source.starts_with("ir ") ? 1 : 0;
  }
  EXPECT_GT(color, 0U);
  EXPECT_GT(infrared, 0U);
  EXPECT_EQ(tool(daemon, {"enroll", "bob"}).code, 1) << "the same face in either light is a duplicate";
}

TEST_F(BothCameras, AUserFromPhotosHasToRegisterInInfrared) {
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("photo", "face 11")}).code, 0);
  EXPECT_EQ(login(daemon, "ann").code, PAM_USER_UNKNOWN);
  EXPECT_THAT(verified("ann")["reason"].get<std::string>(), HasSubstr("with an infrared camera"));
  enroll("ann");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
}

// What is before the cameras while somebody logs in, from a time on.
class BothInOneMoment : public BothCameras {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling is root's";
    patient.show_text(padded("face 11"));
    patient.show_text(padded("face 111"), kInfrared);
    ASSERT_TRUE(patient.start()) << patient.log();
    const Ran ran = tool(patient, {"enroll", "ann"});
    ASSERT_EQ(ran.code, 0) << ran.err << patient.log();
  }
  static std::string padded(std::string line) {
    line.resize(30, ' ');
    return line;
  }
  // Into the files that the eye has open; all lines of one length.
  void act(const std::string& color, const std::string& infrared) {
    for (const auto& [camera, what] : {std::pair{"view", color}, {kInfrared, infrared}})
      std::fstream(patient.dir() / camera / "000.jpg", std::ios::in | std::ios::out) << padded(what) << std::flush;
  }
  int login_while(const std::vector<std::pair<std::string, std::string>>& scenes) {
    act(scenes[0].first, scenes[0].second);
    auto pending = std::async(std::launch::async, [&] { return login(patient, "ann"); });
    for (std::size_t i = 1; i < scenes.size(); ++i) {
      std::this_thread::sleep_for(kOneMoment + std::chrono::milliseconds(500));
      act(scenes[i].first, scenes[i].second);
    }
    return pending.get().code;
  }

  Daemon patient{{.liveness = "passive", .infrared = true, .timeout_s = 11, .users = {"ann"}}};
};

TEST_F(BothInOneMoment, WhoIsSeenByOneCameraAfterTheOtherIsNotLetIn) {
  EXPECT_EQ(login_while({{"face 11", "empty"}, {"empty", "empty"}, {"empty", "face 111"}}), PAM_AUTHINFO_UNAVAIL)
      << patient.log();
  EXPECT_EQ(login_while({{"empty", "face 111"}, {"empty", "empty"}, {"face 11", "empty"}}), PAM_AUTHINFO_UNAVAIL)
      << patient.log();
  EXPECT_EQ(login_while({{"face 11", "empty"}, {"empty", "empty"}, {"face 99", "face 111"}}), PAM_AUTH_ERR)
      << "it is compared again";
}

TEST_F(BothInOneMoment, WhoComesIntoTheSecondOnesReachLaterIsLetIn) {
  EXPECT_EQ(login_while({{"face 11", "empty"}, {"face 11", "face 111"}}), PAM_SUCCESS) << patient.log();
  EXPECT_EQ(login_while({{"empty", "face 111"}, {"face 11", "face 111"}}), PAM_SUCCESS) << patient.log();
}

class InfraredAlone : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling is root's";
  }
};

TEST_F(InfraredAlone, ComparesTemplatesOfItsOwnLightOnly) {
  Daemon daemon({.camera = "kind = \"infrared\"", .timeout_s = 2, .users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("photo", "face 11")}).code, 0);
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann").code, PAM_USER_UNKNOWN) << "a photo is of another light";
  EXPECT_THAT(daemon.log(), HasSubstr("with an infrared camera; register with it"));
  EXPECT_EQ(tool(daemon, {"identify"}).code, 1) << "likewise";
  ASSERT_EQ(tool(daemon, {"enroll", "ann"}).code, 0) << daemon.log();
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "identify"}).out)["user"], "ann");
  daemon.show_text("face 99");
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR);
}

TEST_F(InfraredAlone, IsRefusedWhereLivenessIsPassive) {
  Daemon daemon({.liveness = "passive", .camera = "kind = \"infrared\"", .users = {"ann"}});
  EXPECT_FALSE(daemon.start());
  EXPECT_THAT(daemon.log(), HasSubstr("nothing judges whether a face is live"));
}

TEST(TooClose, WhoFillsThePictureIsToldToMoveBack) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  Daemon daemon({.liveness = "passive", .timeout_s = 2, .users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("photo", "face 11")}).code, 0);
  daemon.show_text("face 11 live=0.7 around=0.4");
  const Login close = login(daemon, "ann");
  EXPECT_EQ(close.code, PAM_AUTH_ERR);
  EXPECT_THAT(close.texts, HasSubstr("Move back"));
  EXPECT_THAT(tool(daemon, {"--json", "verify", "ann"}).out, HasSubstr("move back"));
  daemon.show_text("face 11 live=0.7");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
}

}  // namespace
}  // namespace faceauth::test
