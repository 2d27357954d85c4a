// The main job with nothing standing in: real photos, the real eye, real libpam. Photos are replayed, so liveness is
// off.
#include "support/daemon.h"
#include "support/photos.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>

namespace faceauth::test {
namespace {

using nlohmann::json;

class MainPathTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    if (!std::filesystem::exists(kOwnerPhoto)) GTEST_SKIP() << "no photos: run ./dev setup";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    cut(kOwnerPhoto, kOwnerEnrols, here("a.jpg"));
    cut(kOtherPhoto, kOwnerLogsIn, here("b.jpg"));
    cut(kOtherPhoto, kStranger, here("stranger.jpg"));
  }
  std::string here(const std::string& name) { return daemon.dir() / name; }
  void enroll_ann() {
    const Ran ran = tool(daemon, {"enroll", "ann", "--image", here("a.jpg"), "--password-stdin"}, "secret\n");
    ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  }

  Daemon daemon{{.eye = EyeKind::real, .timeout_s = 4, .replay_fps = 30, .users = {"ann", "bob"}}};
};

TEST_F(MainPathTest, TheRegisteredPersonIsGrantedFromAnotherPhoto) {
  enroll_ann();
  daemon.show({here("b.jpg")});
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
  const Ran verified = tool(daemon, {"--json", "verify", "ann", "--image", here("b.jpg")});
  EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
  const Ran identified = tool(daemon, {"--json", "identify", "--image", here("b.jpg")});
  EXPECT_EQ(json::parse(identified.out)["user"], "ann");
}

TEST_F(MainPathTest, AStrangerIsRefused) {
  enroll_ann();
  daemon.show({here("stranger.jpg")});
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR) << daemon.log();
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--image", here("stranger.jpg")}).code, 1);
  EXPECT_EQ(tool(daemon, {"identify", "--image", here("stranger.jpg")}).code, 1);
}

TEST_F(MainPathTest, AnEmptyRoomFallsBackToThePassword) {
  enroll_ann();
  cv::imwrite(here("empty.jpg"), cv::Mat(480, 640, CV_8UC3, cv::Scalar(90, 100, 110)));
  daemon.show({here("empty.jpg")});
  daemon.reload("[service.default]\nfactors = \"face|password\"\n");
  EXPECT_EQ(login(daemon, "ann", {.module_options = "timeout=1", .password = "secret"}).code, PAM_SUCCESS)
      << daemon.log();
  EXPECT_EQ(login(daemon, "ann", {.module_options = "timeout=1", .password = "wrong"}).code, PAM_AUTH_ERR);
}

TEST_F(MainPathTest, FilesOfEveryKindAreAnErrorInTimeAndStoreNothing) {
  { std::ofstream empty(here("zero.jpg")); }
  { std::ofstream(here("text.jpg")) << "this is no picture\n"; }
  {
    std::ifstream whole(here("a.jpg"), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(whole), {}};
    std::ofstream(here("truncated.jpg"), std::ios::binary) << bytes.substr(0, bytes.size() / 2);
  }
  ASSERT_EQ(::mkfifo(here("fifo.jpg").c_str(), 0600), 0);
  cv::imwrite(here("nobody.png"), cv::Mat(480, 640, CV_8UC3, cv::Scalar(90, 100, 110)));
  for (const std::string& file : {here("zero.jpg"), here("text.jpg"), here("truncated.jpg"), here("fifo.jpg"),
                                  here("nobody.png"), here("missing.jpg"), std::string("/dev/zero"), here("")}) {
    const Ran ran = tool(daemon, {"enroll", "ann", "--image", file});
    EXPECT_EQ(ran.code, 5) << file << ran.err;
    EXPECT_LT(ran.elapsed.count(), 10'000) << file;
  }
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "list"}).out)["users"].size(), 0U);
  enroll_ann();
}

TEST_F(MainPathTest, TheEyeIsLockedInBeforeItIsReady) {
  const pid_t pid = json::parse(tool(daemon, {"--json", "status"}).out)["eye"]["pid"];
  EXPECT_EQ(pid, daemon.eye_pid());
  std::ifstream in("/proc/" + std::to_string(pid) + "/status");
  const std::string status{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos) << status;
  // Sanitizers switch the filter off.
  const std::string filter = std::string(FACEAUTH_SANITIZER_LIB).empty() ? "2" : "0";
  EXPECT_NE(status.find("Seccomp:\t" + filter), std::string::npos) << status;
}

TEST_F(MainPathTest, SeveralPeopleInAPhotoAreRefused) {
  EXPECT_EQ(tool(daemon, {"enroll", "ann", "--image", kOwnerPhoto}).code, 5);
}

TEST_F(MainPathTest, AReplayIsRefusedByTheConfigurationUnlessAllowed) {
  enroll_ann();
  ASSERT_EQ(daemon.stop(), 0);
  std::ifstream in(daemon.config());
  std::string toml{std::istreambuf_iterator<char>(in), {}};
  toml.replace(toml.find("allow_replay = true"), 19, "allow_replay = false");
  std::ofstream(daemon.config()) << toml;
  EXPECT_FALSE(daemon.start());
}

}  // namespace
}  // namespace faceauth::test
