// Whoever has just locked his screen is still before it: a locker's first seconds look at nobody.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>

#include <chrono>
#include <optional>
#include <string>
#include <thread>

namespace faceauth::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

class Locker : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    const std::string photo = daemon.text_image("ann.txt", "face 11");
    ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", photo, "--password-stdin"}, "right\n").code, 0) << daemon.log();
    daemon.show_text("face 11");
  }
  Daemon daemon{{.extra = "[service.locker]\nfactors = \"face|password\"\nafter_lock_s = 3\n"
                          "[service.other]\nfactors = \"face\"\n",
                 .timeout_s = 4,
                 .users = {"ann"}}};
};

// The program that login() starts is as old as its lock.
TEST_F(Locker, LooksAtNobodyInItsFirstSeconds) {
  const Login locked = login(daemon, "ann", {.service = "locker"}), other = login(daemon, "ann", {.service = "other"});
  EXPECT_EQ(locked.code, PAM_SUCCESS) << "waits, and refuses nobody for it" << locked.texts << daemon.log();
  EXPECT_GE(locked.elapsed.count(), 2800);
  EXPECT_LT(locked.elapsed.count(), 4500);
  EXPECT_EQ(other.code, PAM_SUCCESS);
  EXPECT_LT(other.elapsed.count(), 1500);
}

TEST_F(Locker, APasswordNeedNotWait) {
  const Login typed = login(daemon, "ann",
                            {.module_options = "try_first_pass",
                             .stack = "auth optional @PROBE@ token=right\nauth sufficient @MODULE@ try_first_pass",
                             .service = "locker"});
  EXPECT_EQ(typed.code, PAM_SUCCESS) << typed.texts << daemon.log();
  EXPECT_LT(typed.elapsed.count(), 2000);
}

TEST_F(Locker, LooksAtOnceWhenItIsOldEnough) {
  std::this_thread::sleep_for(milliseconds(3200));  // this program has not been running for longer, perhaps
  WireClient client(daemon.socket());
  const Clock::time_point began = Clock::now();
  client.send(wire::Type::auth_begin,
              wire::AuthBegin{.user = text("ann"), .service = text("locker"), .factors = Factors::face});
  const auto answer = client.answer();
  ASSERT_TRUE(answer && answer->header.type == wire::Type::verdict);
  EXPECT_EQ(answer->as<wire::VerdictBody>()->verdict, Verdict::match) << daemon.log();
  EXPECT_LT(Clock::now() - began, milliseconds(1500));
}

}  // namespace
}  // namespace faceauth::test
