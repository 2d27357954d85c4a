// What enroll-tool cameras tells of the real daemon's cameras, to whom, and what a busy one does to a request.
#include "support/daemon.h"
#include "support/photos.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

namespace faceauth::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(Cameras, RootSeesTheSourceInUse) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  Daemon daemon({.users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const Ran ran = tool(daemon, {"--json", "cameras"});
  EXPECT_EQ(ran.code, 0) << ran.err;
  const json camera = json::parse(ran.out)["cameras"].back();
  EXPECT_EQ(camera["driver"], "replay");
  EXPECT_EQ(camera["virtual"], true);
  EXPECT_EQ(camera["chosen"], true);
  EXPECT_EQ(camera["in_use_by_faced"], false);
}

TEST(Cameras, AreNotShownToSomebodyWithoutASessionAtThisMachine) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  Daemon daemon({.users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const Ran ran = tool(daemon, {"cameras"}, "", 20000);
  EXPECT_EQ(ran.code, 3) << ran.out << ran.err;
  EXPECT_EQ(ran.out, "");
}

DaemonOptions with_fake_camera(const std::string& device, std::vector<std::string> settings = {}) {
  DaemonOptions options{.eye = EyeKind::real, .users = {"ann"}};
  options.device = device;
  options.fake_camera = std::move(settings);
  options.fake_camera.emplace_back("FAKEV4L2_DEV=/dev/video42");
  return options;
}

TEST(Cameras, AutoFindsTheCameraAndSaysWhatItOffers) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  Daemon daemon(with_fake_camera("auto"));
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const json cameras = json::parse(tool(daemon, {"--json", "cameras"}).out)["cameras"];
  ASSERT_FALSE(cameras.empty());
  const json& camera = cameras.back();
  EXPECT_EQ(camera["path"], "/dev/video42");
  EXPECT_EQ(camera["name"], "Fake camera");
  EXPECT_EQ(camera["formats"], json::array({"MJPG"}));
  EXPECT_EQ(camera["chosen"], true);
  EXPECT_EQ(camera["busy"], false);
}

// The fake is no device of the kernel's video drivers, which is how it is known for one.
TEST(Cameras, AFedOneIsRefusedUnlessReplaysAreAllowed) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  for (const bool allowed : {false, true}) {
    DaemonOptions options = with_fake_camera("auto");
    options.allow_replay = allowed;
    Daemon daemon(options);
    const std::string frame = (daemon.dir() / "frame0.jpg").string();
    cut(kOwnerPhoto, kOwnerEnrols, frame);
    daemon.plug_fake_camera(
        {"FAKEV4L2_DEV=/dev/video42", "FAKEV4L2_FRAMES=" + (daemon.dir() / "frame%d.jpg").string()});
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", frame}).code, 0) << daemon.log();
    const Ran ran = tool(daemon, {"--json", "verify", "ann"});
    EXPECT_EQ(json::parse(ran.out)["verdict"], allowed ? "match" : "camera-unavailable") << ran.out << daemon.log();
    EXPECT_EQ(daemon.log().find("is a virtual camera") == std::string::npos, allowed) << daemon.log();
  }
}

// Ports and numbers change; what vendor, product and serial say does not.
TEST(Cameras, ThatIsPluggedInElsewhereIsTheSameOne) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  DaemonOptions options = with_fake_camera("auto");
  options.camera = "templates = \"same\"";
  Daemon daemon(options);
  const std::string frames = "FAKEV4L2_FRAMES=" + (daemon.dir() / "frame%d.jpg").string();
  cut(kOwnerPhoto, kOwnerEnrols, daemon.dir() / "frame0.jpg");
  daemon.plug_fake_camera({"FAKEV4L2_DEV=/dev/video42", frames});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "ann"}).code, 0) << daemon.log();
  ASSERT_EQ(daemon.stop(), 0);

  daemon.plug_fake_camera({"FAKEV4L2_DEV=/dev/video7", frames});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "cameras"}).out)["cameras"].back()["path"], "/dev/video7");
  const Ran ran = tool(daemon, {"--json", "verify", "ann"});
  EXPECT_EQ(json::parse(ran.out)["verdict"], "match") << ran.out << daemon.log();

  daemon.stop();
  daemon.plug_fake_camera({"FAKEV4L2_DEV=/dev/elsewhere", frames});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "verify", "ann"}).out)["verdict"], "camera-unavailable") << "unplugged";
}

// A driver that does not return from open() can be left by nobody.
TEST(HangingCamera, KeepsNobodyElseWaitingAndIsUsedAgainWhenItAnswers) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  DaemonOptions options = with_fake_camera("auto");
  options.eye = EyeKind::stand_in;
  Daemon daemon(options);
  const std::string hangs = daemon.dir() / "hangs";
  daemon.plug_fake_camera({"FAKEV4L2_DEV=/dev/video42", "FAKEV4L2_HANGS=" + hangs});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("a", "face 11")}).code, 0) << daemon.log();
  std::ofstream(hangs).flush();
  const auto verdict = [&](const Ran& ran) { return json::parse(ran.out)["verdict"]; };
  Ran looked, listed;
  std::thread verify([&] { looked = tool(daemon, {"--json", "verify", "ann"}); });
  std::thread cameras([&] { listed = tool(daemon, {"--json", "cameras"}); });
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  for (int i = 0; i < 3; ++i) {
    const Ran status = tool(daemon, {"--json", "status"});
    EXPECT_EQ(status.code, 0) << status.err;
    EXPECT_LT(status.elapsed.count(), 1500) << "others are served";
  }
  verify.join();
  cameras.join();
  EXPECT_EQ(verdict(looked), "camera-unavailable") << looked.out << looked.err;
  EXPECT_LT(looked.elapsed.count(), 7000);
  EXPECT_EQ(listed.code, 8) << listed.out << listed.err;
  EXPECT_THAT(listed.err + listed.out, HasSubstr("does not answer"));
  const Ran again = tool(daemon, {"--json", "verify", "ann"});
  EXPECT_EQ(verdict(again), "camera-unavailable");
  EXPECT_LT(again.elapsed.count(), 1500) << "it hangs still, and is not waited for again";

  std::filesystem::remove(hangs);
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const json found = json::parse(tool(daemon, {"--json", "cameras"}).out)["cameras"];
  EXPECT_EQ(found.back()["path"], "/dev/video42") << found;
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(HangingCamera, DoesNotKeepTheDaemonFromStopping) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  Daemon daemon(with_fake_camera("auto"));
  const std::string hangs = daemon.dir() / "hangs";
  daemon.plug_fake_camera({"FAKEV4L2_DEV=/dev/video42", "FAKEV4L2_HANGS=" + hangs});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  std::ofstream(hangs).flush();
  EXPECT_EQ(tool(daemon, {"cameras"}).code, 8);
  EXPECT_EQ(daemon.stop(), 0);
}

TEST(BusyCamera, IsSaidAtOnce) {
  if (geteuid() != 0) GTEST_SKIP() << "starts tools as other users";
  Daemon daemon(with_fake_camera("auto", {"FAKEV4L2_STREAM_EBUSY=1"}));
  ASSERT_TRUE(daemon.start()) << daemon.log();
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "cameras"}).out)["cameras"].back()["busy"], true);
  const Ran ran = tool(daemon, {"enroll", "ann"});
  EXPECT_EQ(ran.code, 8) << ran.out << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("another program is using the camera"));
  EXPECT_LT(ran.elapsed.count(), 3000) << "not only when a time has run out";
}

}  // namespace
}  // namespace faceauth::test
