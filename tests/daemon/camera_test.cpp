// Which camera a face may be shown to, and what the person at it is told.
#include "support/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>

namespace faceauth::test {
namespace {

using testing::HasSubstr;

TEST(CameraOfTemplates, OnlyThoseMadeWithTheCameraInUseCountWhereThePolicySaysSo) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  Daemon daemon({.camera = "templates = \"same\"", .timeout_s = 2, .users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("photo", "face 11")}).code, 0);
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann").code, PAM_USER_UNKNOWN) << "a photo is of no camera";
  EXPECT_THAT(daemon.log(), HasSubstr("no template was made with this camera"));
  ASSERT_EQ(tool(daemon, {"enroll", "ann"}).code, 0) << daemon.log();
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
}

TEST(CameraOfTemplates, WithoutThePolicyAPhotoWillDo) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  Daemon daemon({.timeout_s = 2, .users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("photo", "face 11")}).code, 0);
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
}

TEST(AllowList, OnlyTheServicesNamedUseTheCamera) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  Daemon daemon({.extra = "[service.default]\nfactors = \"none\"\n[service.sudo]\nfactors = \"face\"\n",
                 .timeout_s = 2,
                 .users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("photo", "face 11")}).code, 0);
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann", {.service = "sudo"}).code, PAM_SUCCESS) << daemon.log();
  const Login other = login(daemon, "ann", {.service = "vsftpd"});
  EXPECT_EQ(other.code, PAM_AUTHINFO_UNAVAIL);
  EXPECT_THAT(other.texts, testing::Not(HasSubstr("Looking"))) << "no camera";
}

// Somebody's program in the background that asks for the same face must not look like the one he waits for.
TEST(WhoAsks, IsNamedInThePromptAndInTheLog) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  Daemon daemon({.timeout_s = 2, .users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("photo", "face 11")}).code, 0);
  daemon.show_text("face 11");
  const Login by_enter = login(daemon, "ann", {.module_options = "intent=enter", .service = "sudo"});
  EXPECT_EQ(by_enter.code, PAM_SUCCESS) << by_enter.texts << daemon.log();
  EXPECT_THAT(by_enter.texts, HasSubstr("Press Enter to use your face for sudo ("));
  EXPECT_THAT(by_enter.texts, HasSubstr("pam-login")) << "what the process that asks runs, by the kernel's word";
  const Login at_once = login(daemon, "ann", {.service = "swaylock"});
  EXPECT_THAT(at_once.texts, HasSubstr("Looking for your face for swaylock"));
  EXPECT_THAT(daemon.log(), testing::ContainsRegex("command=[^ ]*pam-login\n")) << "without its arguments";
}

}  // namespace
}  // namespace faceauth::test
