// The clock is set while somebody waits: nobody gets tries by it, nor waits for longer.
#include "support/daemon.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

namespace faceauth::test {
namespace {

using nlohmann::json;
using std::chrono::hours;
using std::chrono::seconds;

class ClockTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(
        tool(daemon, {"enroll", "ann", "--image", daemon.text_image("ann", "face 11"), "--password-stdin"}, "secret\n")
            .code,
        0);
  }
  bool waits() {
    return !json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0]["locked_until"].is_null();
  }

  Daemon daemon{{.fake_clock = true, .timeout_s = 2, .users = {"ann"}}};
};

TEST_F(ClockTest, SettingItEndsNoWaitForTheFace) {
  daemon.show_text("face 99");
  for (int i = 0; i < 5; ++i) ASSERT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR) << i;
  daemon.show_text("face 11");
  for (const seconds set : {seconds(0), seconds(hours(1)), -seconds(hours(1)), seconds(-20)}) {
    daemon.set_clock(set);
    EXPECT_EQ(login(daemon, "ann").code, PAM_MAXTRIES) << set.count() << daemon.log();
    EXPECT_TRUE(waits()) << set.count();
  }
  daemon.set_clock(seconds(-20), seconds(31));
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << "31 s have passed, whatever the clock says" << daemon.log();
  EXPECT_FALSE(waits());
}

TEST_F(ClockTest, SettingItEndsNoWaitForThePassword) {
  daemon.reload("[service.default]\nfactors = \"face|password\"\n");
  const LoginOptions wrong{.module_options = "factors=password", .password = "guess"},
      right{.module_options = "factors=password", .password = "secret"};
  for (int i = 0; i < 5; ++i) ASSERT_EQ(login(daemon, "ann", wrong).code, PAM_AUTH_ERR) << i << daemon.log();
  for (const seconds set : {seconds(hours(1)), -seconds(hours(1))}) {
    daemon.set_clock(set);
    EXPECT_EQ(login(daemon, "ann", right).code, PAM_MAXTRIES) << set.count() << daemon.log();
  }
  daemon.set_clock(seconds(0), seconds(31));
  EXPECT_EQ(login(daemon, "ann", right).code, PAM_SUCCESS) << daemon.log();
}

// What counts is how long ago it was, whatever the clock was set to since.
TEST_F(ClockTest, SettingItMakesNoPasswordDueSoonerOrLater) {
  daemon.show_text("face 11");
  const auto face_at = [&](hours set, hours passed) {
    daemon.set_clock(set, passed);
    return login(daemon, "ann").code;
  };
  EXPECT_EQ(face_at(hours(80), hours(0)), PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(face_at(-hours(10), hours(0)), PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(face_at(-hours(10), hours(71)), PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(face_at(-hours(10), hours(80)), PAM_AUTHINFO_UNAVAIL) << "registered 80 hours ago";

  daemon.reload("[service.default]\nfactors = \"face|password\"\n");
  EXPECT_EQ(login(daemon, "ann", {.module_options = "factors=password", .password = "secret"}).code, PAM_SUCCESS);
  daemon.reload("");
  EXPECT_EQ(face_at(-hours(20), hours(151)), PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(face_at(-hours(20), hours(160)), PAM_AUTHINFO_UNAVAIL) << "the password was 80 hours ago";

  const LoginOptions reported{.password = "secret",
                              .stack = "auth required @PROBE@ token=secret\nauth optional @MODULE@ report\n"};
  EXPECT_EQ(login(daemon, "ann", reported).code, PAM_SUCCESS);
  EXPECT_EQ(face_at(-hours(30), hours(231)), PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(face_at(-hours(30), hours(240)), PAM_AUTHINFO_UNAVAIL) << "it was reported 80 hours ago";
}

}  // namespace
}  // namespace faceauth::test
