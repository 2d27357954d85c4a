// What `report` lines do to a login: a password that another module accepted, told through real libpam to a real faced.
#include "support/daemon.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>

#include <csignal>
#include <string>

namespace faceauth::test {
namespace {

// Two failures turn the face off until a right password. The waits in between are not what is tested here.
constexpr const char* kTwoTries = "[lockout]\nfailures = 50\ndelay_s = 1\ndisable_after = 2\n";

// As pam-auth-update writes it: the face or else a password, and the report behind both.
std::string stack(const std::string& accepted_password) {
  return "auth [success=2 default=ignore] @MODULE@ timeout=1\n"
         "auth [success=1 default=ignore] @PROBE@ token=" +
         accepted_password +
         "\n"
         "auth requisite pam_deny.so\n"
         "auth required pam_permit.so\n"
         "auth optional @MODULE@ report\n";
}

class ReportTest : public testing::Test {
 protected:
  ReportTest() : daemon({.extra = kTwoTries, .timeout_s = 2, .users = {"ann", "bob"}}) {}

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    const Ran ann = tool(
        daemon, {"enroll", "ann", "--image", daemon.text_image("ann.txt", "face 11"), "--password-stdin"}, "right\n");
    ASSERT_EQ(ann.code, 0) << ann.err;
    ASSERT_EQ(tool(daemon, {"enroll", "bob", "--image", daemon.text_image("bob.txt", "face 22")}).code, 0);
  }
  void switch_the_face_off(const std::string& user, const std::string& own_face) {
    daemon.show_text("face 99");
    EXPECT_EQ(login(daemon, user).code, PAM_AUTH_ERR);
    EXPECT_EQ(login(daemon, user).code, PAM_AUTH_ERR);
    daemon.show_text(own_face);
    ASSERT_EQ(login(daemon, user).code, PAM_AUTHINFO_UNAVAIL) << daemon.log();
  }
  int by_password(const std::string& user, uid_t uid = 0) {
    return login(daemon, user, {.module_options = "factors=password", .password = "right", .uid = uid}).code;
  }

  Daemon daemon;
};

TEST_F(ReportTest, AnAcceptedPasswordTurnsTheFaceOnAgain) {
  switch_the_face_off("ann", "face 11");
  EXPECT_EQ(login(daemon, "ann", {.stack = stack("right")}).code, PAM_SUCCESS);
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
}

// Somebody typed something, nobody looked at it, and the face granted: that is no accepted password.
TEST_F(ReportTest, WhatLiesUnreadWhenTheFaceGrantsIsNoAcceptedPassword) {
  daemon.reload(std::string(kTwoTries) + "[service.default]\nfactors = \"face|password\"\n");
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann", {.stack = "auth optional @PROBE@ token=typed\n" + stack("unused")}).code, PAM_SUCCESS);
  daemon.show_text("empty");
  EXPECT_EQ(by_password("ann"), PAM_SUCCESS) << "the stored one must not have become stale\n" << daemon.log();
}

TEST_F(ReportTest, NoPasswordNoReport) {
  switch_the_face_off("bob", "face 22");
  EXPECT_EQ(login(daemon, "bob", {.stack = "auth required pam_permit.so\nauth optional @MODULE@ report\n"}).code,
            PAM_SUCCESS);
  EXPECT_EQ(login(daemon, "bob").code, PAM_AUTHINFO_UNAVAIL) << daemon.log();
}

TEST_F(ReportTest, WithoutAStoredPasswordTheFactCountsFromRootAlone) {
  switch_the_face_off("bob", "face 22");
  EXPECT_EQ(login(daemon, "bob", {.stack = stack("whatever"), .uid = 20001}).code, PAM_SUCCESS);
  EXPECT_EQ(login(daemon, "bob").code, PAM_AUTHINFO_UNAVAIL) << "his own word for it\n" << daemon.log();
  EXPECT_EQ(login(daemon, "bob", {.stack = stack("whatever")}).code, PAM_SUCCESS);
  EXPECT_EQ(login(daemon, "bob").code, PAM_SUCCESS) << daemon.log();
}

TEST_F(ReportTest, APasswordThatDiffersFromTheStoredOneMakesThatOneStale) {
  daemon.reload(std::string(kTwoTries) + "[service.default]\nfactors = \"face|password\"\n");
  daemon.show_text("empty");
  ASSERT_EQ(by_password("ann"), PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(login(daemon, "ann", {.stack = stack("changed elsewhere"), .uid = 20000}).code, PAM_SUCCESS);
  EXPECT_EQ(by_password("ann"), PAM_SUCCESS) << "her own process's word makes nothing stale";
  EXPECT_EQ(login(daemon, "ann", {.stack = stack("changed elsewhere")}).code, PAM_SUCCESS);
  EXPECT_NE(by_password("ann"), PAM_SUCCESS) << "the old password";
  EXPECT_EQ(login(daemon, "ann", {.stack = stack("right"), .uid = 20000}).code, PAM_SUCCESS);
  EXPECT_NE(by_password("ann"), PAM_SUCCESS) << "nor does her own process's word make it good again";
  EXPECT_EQ(tool(daemon, {"passwd", "ann", "--password-stdin"}, "right\n").code, 0);
  EXPECT_EQ(by_password("ann"), PAM_SUCCESS) << daemon.log();
}

// Else a password that was changed behind our back would keep its owner's face off for ever.
TEST_F(ReportTest, BesideAStaleHashTheFactCounts) {
  switch_the_face_off("ann", "face 11");
  EXPECT_EQ(login(daemon, "ann", {.stack = stack("changed elsewhere")}).code, PAM_SUCCESS);
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTHINFO_UNAVAIL) << "the first only makes the stored one stale";
  EXPECT_EQ(login(daemon, "ann", {.stack = stack("changed elsewhere"), .uid = 20000}).code, PAM_SUCCESS);
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTHINFO_UNAVAIL) << "her own word for it";
  EXPECT_EQ(login(daemon, "ann", {.stack = stack("changed elsewhere")}).code, PAM_SUCCESS);
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
}

}  // namespace
}  // namespace faceauth::test
