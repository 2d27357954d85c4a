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

}  // namespace
}  // namespace faceauth::test
