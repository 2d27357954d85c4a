// Moving in from Howdy: its file, a template that waits and lets nobody in, the scan that completes it, then a login.
#include "support/daemon.h"
#include "support/invented_face.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace faceauth::test {
namespace {

using nlohmann::json;

class ImportFromHowdy : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    std::filesystem::create_directories(daemon.dir() / "models");
  }

  // As Howdy's add.py writes it: json.dump of its list.
  std::string howdy_file(const std::string& user, std::vector<std::uint32_t> seeds) const {
    json models = json::array();
    for (std::size_t i = 0; i < seeds.size(); ++i)
      models.push_back({{"time", 1'700'000'000 + i},
                        {"label", i == 0 ? "Initial model" : "glasses"},
                        {"id", i},
                        {"data", json::array({invented_dlib(seeds[i])})}});
    const std::string path = daemon.dir() / ("models/" + user + ".dat");
    std::ofstream(path) << models.dump();
    return path;
  }
  json templates(const std::string& user) const {
    const json users = json::parse(tool(daemon, {"--json", "list", user}).out)["users"];
    return users.empty() ? json::array() : users[0]["templates"];
  }
  static std::size_t waiting(const json& templates) {
    return static_cast<std::size_t>(
        std::count_if(templates.begin(), templates.end(), [](const json& t) { return t["source"] == "howdy"; }));
  }
  int scan(const std::string& user, const std::string& face) const {
    daemon.show_text(face);
    return tool(daemon, {"enroll", user}).code;
  }

  Daemon daemon{{.extra = "[strong_auth]\nafter_boot = false\n", .timeout_s = 2, .users = {"ann", "bob"}}};
};

TEST_F(ImportFromHowdy, AloneItLetsNobodyIn) {
  const Ran ran = tool(daemon, {"--json", "import-howdy", howdy_file("ann", {11})});
  ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  EXPECT_EQ(json::parse(ran.out)["users"][0]["waiting"], 1);
  ASSERT_EQ(waiting(templates("ann")), 1u);
  // The very face whose encoding it is stands before the camera.
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann").code, PAM_USER_UNKNOWN);
  const Ran verified = tool(daemon, {"verify", "ann"});
  EXPECT_EQ(verified.code, 4);
  EXPECT_NE(verified.out.find("an imported face waits for a scan"), std::string::npos) << verified.out;
  EXPECT_NE(tool(daemon, {"list"}).out.find("waits for a scan"), std::string::npos);
  EXPECT_NE(tool(daemon, {"doctor", "--no-camera"}).out.find("ann: an imported face waits"), std::string::npos);
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--image", daemon.text_image("p", "face 11")}).code, 4);
  EXPECT_EQ(tool(daemon, {"identify", "--image", daemon.text_image("p", "face 11")}).code, 1);
}

TEST_F(ImportFromHowdy, OneThatIsThereTwiceWaitsOnce) {
  const std::string file = howdy_file("ann", {11, 11, 12});
  for (int time = 0; time < 2; ++time) {
    const Ran ran = tool(daemon, {"--json", "import-howdy", file});
    ASSERT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(json::parse(ran.out)["users"][0]["waiting"], 2);
    EXPECT_EQ(waiting(templates("ann")), 2u);
  }
}

TEST_F(ImportFromHowdy, AScanOfTheSamePersonCompletesItAndThenALoginSucceeds) {
  ASSERT_EQ(tool(daemon, {"import-howdy", howdy_file("ann", {11})}).code, 0);
  ASSERT_EQ(scan("ann", "face 11"), 0) << daemon.log();
  const json after = templates("ann");
  EXPECT_EQ(waiting(after), 0u);
  ASSERT_FALSE(after.empty());
  EXPECT_EQ(after[0]["label"], "Initial model") << "it keeps its name";
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
  daemon.show_text("face 99");
  EXPECT_NE(login(daemon, "ann").code, PAM_SUCCESS);
}

TEST_F(ImportFromHowdy, AScanOfSomebodyElseLeavesItWaiting) {
  ASSERT_EQ(tool(daemon, {"import-howdy", howdy_file("ann", {11})}).code, 0);
  ASSERT_EQ(scan("ann", "face 22"), 0);
  EXPECT_EQ(waiting(templates("ann")), 1u);
  daemon.show_text("face 11");
  EXPECT_NE(login(daemon, "ann").code, PAM_SUCCESS);
}

TEST_F(ImportFromHowdy, APhotoCompletesNothing) {
  ASSERT_EQ(tool(daemon, {"import-howdy", howdy_file("ann", {11})}).code, 0);
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("p", "face 11")}).code, 0);
  EXPECT_EQ(waiting(templates("ann")), 1u);
}

TEST_F(ImportFromHowdy, OneScanCompletesEveryModelOfThePersonAndTwiceImportedIsOnce) {
  const std::string file = howdy_file("ann", {11, 11, 22});
  ASSERT_EQ(tool(daemon, {"import-howdy", file}).code, 0);
  EXPECT_EQ(waiting(templates("ann")), 2u) << "the same numbers are one template";
  ASSERT_EQ(tool(daemon, {"import-howdy", file}).code, 0);
  EXPECT_EQ(waiting(templates("ann")), 2u);
  ASSERT_EQ(scan("ann", "face 11"), 0);
  EXPECT_EQ(waiting(templates("ann")), 1u) << "the other's stays";
}

TEST_F(ImportFromHowdy, AFolderGivesEverybodyAndAWrongFileStopsNobodyElse) {
  howdy_file("ann", {11});
  howdy_file("bob", {22});
  howdy_file("nobody-here", {33});
  std::ofstream(daemon.dir() / "models/broken.dat") << "[{";
  std::ofstream(daemon.dir() / "models/notes.txt") << "no model";
  const Ran ran = tool(daemon, {"--json", "import-howdy", daemon.dir() / "models"});
  EXPECT_EQ(ran.code, 2) << ran.err;
  const json users = json::parse(ran.out)["users"];
  ASSERT_EQ(users.size(), 4u) << ran.out;
  EXPECT_EQ(users[0]["waiting"], 1);
  EXPECT_EQ(users[1]["waiting"], 1);
  EXPECT_EQ(users[2]["error"], "invalid-argument");
  EXPECT_EQ(users[3]["error"], "not-found");
  EXPECT_EQ(waiting(templates("bob")), 1u);
}

TEST_F(ImportFromHowdy, OnlyRootAndOnlyThroughTheRightFiles) {
  const std::string file = howdy_file("ann", {11});
  EXPECT_EQ(tool(daemon, {"import-howdy", file}, "", 20000).code, 3);
  EXPECT_EQ(tool(daemon, {"import-howdy", "/does/not/exist"}).code, 2);
  const std::string link = daemon.dir() / "bob.dat";
  std::filesystem::create_symlink(file, link);
  EXPECT_EQ(tool(daemon, {"import-howdy", link}).code, 2) << "no link is followed";
  EXPECT_TRUE(templates("ann").empty());
  EXPECT_EQ(tool(daemon, {"import-howdy", "--user", "bob", file}).code, 0);
  EXPECT_EQ(waiting(templates("bob")), 1u);
}

TEST_F(ImportFromHowdy, TheLedgerTellsOfIt) {
  ASSERT_EQ(tool(daemon, {"import-howdy", howdy_file("ann", {11})}).code, 0);
  const json log = json::parse(tool(daemon, {"--json", "log", "ann"}).out)["entries"];
  ASSERT_EQ(log.size(), 1u);
  EXPECT_EQ(log[0]["kind"], "import");
  EXPECT_EQ(log[0]["outcome"], "done");
}

}  // namespace
}  // namespace faceauth::test
