// A colour camera and an infrared one that strobes, with the real eye: photos, and the same ones without their colour,
// lit and unlit. They are replayed, so liveness is off.
#include "support/daemon.h"
#include "support/photos.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace faceauth::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kInfrared = "infrared";

class InfraredPath : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling is root's";
    if (!std::filesystem::exists(kOwnerPhoto)) GTEST_SKIP() << "no photos: run ./dev setup";
    picture("monday", kOwnerPhoto, kOwnerEnrols);
    picture("tuesday", kOtherPhoto, kOwnerLogsIn);
    picture("stranger", kOtherPhoto, kStranger);
    ASSERT_TRUE(daemon.start()) << daemon.log();
    see("monday", "monday");
    ASSERT_EQ(tool(daemon, {"enroll", "ann"}).code, 0) << daemon.log();
  }

  std::string here(const std::string& name) { return daemon.dir() / name; }
  void picture(const std::string& name, const std::string& photo, cv::Rect region) {
    cut(photo, region, here(name + ".jpg"));
    cv::Mat grey, unlit;
    cv::cvtColor(cv::imread(here(name + ".jpg")), grey, cv::COLOR_BGR2GRAY);
    grey.convertTo(unlit, CV_8U, 0.05);
    cv::imwrite(here(name + "-lit.jpg"), grey);
    cv::imwrite(here(name + "-dark.jpg"), unlit);
  }
  void see(const std::string& in_color, const std::string& in_infrared) {
    daemon.show({here(in_color + ".jpg")});
    daemon.show({here(in_infrared + "-dark.jpg"), here(in_infrared + "-lit.jpg")}, kInfrared);
  }

  Daemon daemon{{.eye = EyeKind::real, .infrared = true, .timeout_s = 20, .replay_fps = 30, .users = {"ann"}}};
};

TEST_F(InfraredPath, ThePersonIsGrantedAndEachCameraCanRefuse) {
  see("tuesday", "tuesday");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
  see("tuesday", "stranger");
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR) << daemon.log();
  see("stranger", "tuesday");
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR) << daemon.log();
}

TEST_F(InfraredPath, AnEmitterThatStaysOffIsTold) {
  see("tuesday", "tuesday");
  daemon.show({here("tuesday-dark.jpg")}, kInfrared);
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTHINFO_UNAVAIL) << daemon.log();
  const json answer = json::parse(tool(daemon, {"--json", "verify", "ann"}).out);
  EXPECT_EQ(answer["verdict"], "camera-unavailable");
  EXPECT_THAT(answer["reason"].get<std::string>(), HasSubstr("only dark frames"));
  EXPECT_THAT(daemon.log(), HasSubstr("only dark frames"));
  EXPECT_EQ(json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0]["failures"], 0);
}

}  // namespace
}  // namespace faceauth::test
