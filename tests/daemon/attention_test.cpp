// match.attention over the real wire, keeper and PAM module; the stand-in eye shows what the test acts, and the real
// one a person of the research data.
#include "support/daemon.h"

#include <tests/support/research_data.h>

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace faceauth::test {
namespace {

using nlohmann::json;

class AttentionTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  }
  static json verify(Daemon& daemon, const std::string& view) {
    daemon.show_text(view);
    return json::parse(tool(daemon, {"--json", "verify", "ann"}).out);
  }
  static void begin(Daemon& daemon) {
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("a", "face 11")}).code, 0) << daemon.log();
  }
};

TEST_F(AttentionTest, WhoLooksAwayOrHasShutEyesIsNotComparedAndIsToldWhy) {
  Daemon daemon{{.liveness = "passive", .timeout_s = 1, .users = {"ann"}}};
  begin(daemon);
  EXPECT_EQ(verify(daemon, "face 11")["verdict"], "match");
  const json asleep = verify(daemon, "face 11 eyes=0.01"), away = verify(daemon, "face 11 yaw=35");
  EXPECT_EQ(asleep["verdict"], "poor-quality") << asleep.dump();
  EXPECT_NE(asleep["reason"].get<std::string>().find("open them"), std::string::npos) << asleep.dump();
  EXPECT_EQ(away["verdict"], "poor-quality") << away.dump();
  EXPECT_NE(away["reason"].get<std::string>().find("looked away"), std::string::npos) << away.dump();
  EXPECT_EQ(verify(daemon, "face 99 eyes=0.01")["verdict"], "poor-quality") << "a stranger is not told that he is one";
  EXPECT_EQ(verify(daemon, "face 99")["verdict"], "no-match");
}

TEST_F(AttentionTest, ALoginWithoutItIsUnjudgedAndCostsNothing) {
  Daemon daemon{{.liveness = "passive", .timeout_s = 1, .users = {"ann"}}};
  begin(daemon);
  daemon.show_text("face 11 eyes=0.01");
  const Login shut = login(daemon, "ann");
  EXPECT_EQ(shut.code, PAM_AUTHINFO_UNAVAIL) << shut.texts;
  EXPECT_NE(shut.texts.find("Open your eyes"), std::string::npos) << shut.texts;
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0]["failures"], 0);
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS);
}

TEST_F(AttentionTest, ShutEyesOfARealPersonDoNotCountAndOpenOnesDo) {
  const std::string person = research_data() + "/nuaa/real/0008/0008_00_00_02_";
  if (!std::filesystem::exists(person + "444.jpg")) GTEST_SKIP() << "no research data: set FACEAUTH_DATA";
  const auto photos = [&](std::initializer_list<const char*> names) {
    std::vector<std::string> files;
    for (const char* name : names) files.push_back(person + name + ".jpg");
    return files;
  };
  Daemon daemon{{.eye = EyeKind::real, .liveness = "passive", .timeout_s = 3, .replay_fps = 10, .users = {"ann"}}};
  ASSERT_TRUE(daemon.start()) << daemon.log();
  std::vector<std::string> enrol = {"enroll", "ann"};
  for (const std::string& file : photos({"97", "223", "350"})) enrol.insert(enrol.end(), {"--image", file});
  const Ran enrolled = tool(daemon, enrol);
  ASSERT_EQ(enrolled.code, 0) << enrolled.err;
  const auto seen = [&](std::initializer_list<const char*> names) {
    daemon.show(photos(names));
    return json::parse(tool(daemon, {"--json", "verify", "ann"}).out);
  };
  const json shut = seen({"444"}), open = seen({"9", "22", "43", "53", "68", "79", "109", "127", "139", "155"});
  EXPECT_EQ(shut["verdict"], "poor-quality") << shut.dump();
  EXPECT_NE(shut["reason"].get<std::string>().find("open them"), std::string::npos) << shut.dump();
  EXPECT_EQ(open["verdict"], "match") << open.dump();
}

TEST_F(AttentionTest, CanBeSwitchedOff) {
  Daemon daemon{{.liveness = "passive", .match = "attention = false\n", .timeout_s = 1, .users = {"ann"}}};
  begin(daemon);
  EXPECT_EQ(verify(daemon, "face 11 eyes=0.01")["verdict"], "match");
  EXPECT_EQ(verify(daemon, "face 11 yaw=35")["verdict"], "match");
}

}  // namespace
}  // namespace faceauth::test
