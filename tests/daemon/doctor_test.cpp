// `doctor` beside a real daemon: what it finds when all is well, when something was broken, and what its report holds.
#include "support/daemon.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace faceauth::test {
namespace {

using nlohmann::json;

constexpr const char* kPassword = "swordfish-4711";

class DoctorOfDaemon : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    const Ran ran =
        tool(daemon, {"enroll", "annabel", "--image", daemon.text_image("p", "face 11"), "--password-stdin"},
             std::string(kPassword) + "\n");
    ASSERT_EQ(ran.code, 0) << ran.err;
    daemon.show_text("face 11");
  }

  // What is wrong by the checks named: the machine of the test is not ours to judge.
  json wrong(const std::vector<std::string>& checks, int* code = nullptr) const {
    const Ran ran = tool(daemon, {"doctor", "--json"});
    if (code != nullptr) *code = ran.code;
    json found = json::array();
    const json all = json::parse(ran.out);
    for (const auto& check : all["checks"])
      if (check["state"] == "finding" && std::find(checks.begin(), checks.end(), check["check"]) != checks.end())
        found.push_back(check);
    return found;
  }

  Daemon daemon{{.timeout_s = 2, .users = {"annabel", "bob"}}};
};

TEST_F(DoctorOfDaemon, AHealthyOneIsWell) {
  const json found = wrong({"settings", "daemon", "store", "key", "models", "camera", "clock", "disk"});
  EXPECT_TRUE(found.empty()) << found.dump(1);
}

TEST_F(DoctorOfDaemon, FacesThatAreOffForEverybodyAreFound) {
  EXPECT_TRUE(wrong({"users"}).empty());
  ASSERT_EQ(tool(daemon, {"disable"}).code, 0);
  int code = 0;
  const json found = wrong({"users"}, &code);
  EXPECT_EQ(code, 1);
  ASSERT_EQ(found.size(), 1u) << found.dump(1);
  EXPECT_EQ(found[0]["mend"], "enroll-tool enable");
  ASSERT_EQ(tool(daemon, {"enable"}).code, 0) << "as advised";
  EXPECT_TRUE(wrong({"users"}).empty());
}

TEST_F(DoctorOfDaemon, AUserWhoIsSwitchedOffIsANote) {
  const auto users = [this] {
    std::string told;
    const json all = json::parse(tool(daemon, {"doctor", "--json"}).out);
    for (const auto& check : all["checks"])
      if (check["check"] == "users")
        told += check["state"].get<std::string>() + ": " + check["what"].get<std::string>();
    return told;
  };
  EXPECT_EQ(users(), "well: 1 registered, each may use the face");
  ASSERT_EQ(tool(daemon, {"disable", "annabel"}).code, 0);
  EXPECT_EQ(users(), "note: annabel: face login is off");
}

TEST_F(DoctorOfDaemon, ALeftOpenStoreIsFound) {
  const std::string store = daemon.dir() / "store";
  ASSERT_EQ(::chmod(store.c_str(), 0755), 0);
  int code = 0;
  const json found = wrong({"store"}, &code);
  EXPECT_EQ(code, 1);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0]["mend"], "chmod 0700 " + store);
  // The command that is named does mend it.
  ASSERT_EQ(run({"/bin/sh", "-c", found[0]["mend"].get<std::string>()}).code, 0);
  EXPECT_TRUE(wrong({"store"}).empty());
}

TEST_F(DoctorOfDaemon, ADaemonThatIsGoneIsFound) {
  daemon.stop();
  int code = 0;
  const json found = wrong({"daemon"}, &code);
  EXPECT_EQ(code, 1);
  ASSERT_EQ(found.size(), 1u);
  const bool systemd = std::filesystem::exists("/run/systemd/system");
  EXPECT_NE(found[0]["mend"].get<std::string>().find(systemd ? "faced.socket" : "start faced anew"), std::string::npos);
}

TEST_F(DoctorOfDaemon, ABrokenConfigurationIsFoundAndDoesNotStopIt) {
  std::ofstream(daemon.config(), std::ios::app) << "[paths\n";
  int code = 0;
  EXPECT_EQ(wrong({"settings"}, &code).size(), 1u);
  EXPECT_EQ(code, 1);
}

TEST_F(DoctorOfDaemon, ACameraThatCannotBeUsedIsFound) {
  EXPECT_TRUE(wrong({"camera"}).empty());
  std::filesystem::remove_all(daemon.dir() / "view");
  const json found = wrong({"camera"});
  ASSERT_EQ(found.size(), 1u);
  const Ran off = tool(daemon, {"doctor", "--json", "--no-camera"});
  EXPECT_EQ(off.out.find("cannot be used"), std::string::npos);
}

TEST_F(DoctorOfDaemon, ItChangesNothingAndAUserWhoIsNotRootSeesLess) {
  const Ran before = tool(daemon, {"--json", "list"});
  const Ran user = tool(daemon, {"doctor", "--json"}, "", 20001);
  EXPECT_EQ(user.out.find("annabel"), std::string::npos);
  EXPECT_NE(user.out.find("\"unseen\""), std::string::npos);
  EXPECT_EQ(tool(daemon, {"--json", "list"}).out, before.out);
}

TEST_F(DoctorOfDaemon, ABundleHoldsNoNameNoSecretAndIsWrittenOnce) {
  tool(daemon, {"verify", "annabel"});
  const std::string file = daemon.dir() / "report.txt";
  ASSERT_NE(tool(daemon, {"doctor", "--bundle", file}).code, 70);
  struct stat info {};
  ASSERT_EQ(::stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::ifstream in(file);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(text.find("== findings"), std::string::npos);
  EXPECT_EQ(text.find("annabel"), std::string::npos);
  EXPECT_EQ(text.find(kPassword), std::string::npos);
  std::ifstream key_file(daemon.dir() / "master.key", std::ios::binary);
  const std::string key{std::istreambuf_iterator<char>(key_file), {}};
  ASSERT_EQ(key.size(), 32u);
  std::string hex;
  for (const unsigned char c : key) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", c);
    hex += two;
  }
  EXPECT_EQ(text.find(key), std::string::npos);
  EXPECT_EQ(text.find(hex), std::string::npos);
  // Whatever is encoded is longer than a person reads at a glance.
  std::size_t run = 0, longest = 0;
  bool digit = false;
  for (const char c : text) {
    const bool in_run = std::isalnum(static_cast<unsigned char>(c)) != 0;
    run = in_run ? run + 1 : 0;
    digit = in_run && (digit || std::isdigit(static_cast<unsigned char>(c)) != 0);
    if (digit) longest = std::max(longest, run);
  }
  EXPECT_LT(longest, 32u);
  EXPECT_EQ(tool(daemon, {"doctor", "--bundle", file}).code, 2) << "never over a file that is there";
}

}  // namespace
}  // namespace faceauth::test
