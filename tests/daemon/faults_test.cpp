// A disk that fails while the keeper works, and memory that runs out: what was acknowledged stays, what was not is told
// and does not half exist, and nobody is let in by it.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace faceauth::test {
namespace {

using testing::HasSubstr;

class Faults : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(enroll("ann", "face 11", "ann's"), 0) << daemon.log();
    daemon.show_text("face 11");
  }
  void TearDown() override { daemon.let_fail(""); }
  int enroll(const std::string& user, const std::string& face, const std::string& password) {
    return tool(daemon, {"enroll", user, "--image", daemon.text_image(user, face), "--password-stdin"}, password + "\n")
        .code;
  }
  Ran passwd(const std::string& password) {
    return tool(daemon, {"passwd", "ann", "--password-stdin"}, password + "\n");
  }
  int verified(const std::string& password) {
    return tool(daemon, {"verify", "ann", "--password-stdin"}, password + "\n").code;
  }
  void expect_as_before() {
    EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
    EXPECT_EQ(verified("ann's"), 0);
    EXPECT_EQ(verified("another"), 1);
    EXPECT_EQ(tool(daemon, {"list", "bob"}).code, 4) << "nothing of him was acknowledged";
    EXPECT_EQ(tool(daemon, {"log", "--verify"}).code, 0);
  }

  Daemon daemon{{.fake_faults = true, .timeout_s = 2, .users = {"ann", "bob"}}};
};

class FailingDisk : public Faults, public testing::WithParamInterface<const char*> {};

TEST_P(FailingDisk, LosesNothingThatWasAcknowledgedAndSaysWhatWasNotStored) {
  daemon.let_fail(GetParam());
  EXPECT_NE(enroll("bob", "face 22", "bob's"), 0);
  const Ran changed = passwd("another");
  EXPECT_NE(changed.code, 0);
  EXPECT_THAT(changed.err, HasSubstr("Input/output error"));
  EXPECT_NE(tool(daemon, {"remove", "ann"}).code, 0);
  EXPECT_TRUE(daemon.running());
  daemon.kill9();
  daemon.let_fail("");
  ASSERT_TRUE(daemon.start()) << daemon.log();
  expect_as_before();
  EXPECT_EQ(enroll("bob", "face 22", "bob's"), 0) << "and all goes on";
}

TEST_P(FailingDisk, LeavesItsDaemonAtWorkOnceItIsWell) {
  daemon.let_fail(GetParam());
  EXPECT_NE(passwd("another").code, 0);
  daemon.let_fail("");
  expect_as_before();
  EXPECT_EQ(passwd("third").code, 0);
  EXPECT_EQ(verified("third"), 0);
}

// A failure that cannot be counted would be a free guess, and a match that cannot clear those before it is none.
TEST_P(FailingDisk, LetsNobodyInWhoseCountersCannotBeStored) {
  daemon.show_text("face 99");
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR);
  daemon.let_fail(GetParam());
  EXPECT_EQ(login(daemon, "ann").code, PAM_SYSTEM_ERR) << daemon.log();
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SYSTEM_ERR) << daemon.log();
  EXPECT_THAT(daemon.log(), HasSubstr("Input/output error"));
  daemon.let_fail("");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
}

// Whoever says stop is obeyed, stored or not.
class SwitchedOff : public Faults, public testing::WithParamInterface<std::tuple<const char*, const char*>> {};

TEST_P(SwitchedOff, HoldsWhereItCannotBeStored) {
  const auto& [fault, whose] = GetParam();
  const auto switched = [&, whose = whose](std::vector<std::string> command) {
    if (*whose != '\0') command.emplace_back(whose);
    return tool(daemon, std::move(command));
  };
  daemon.let_fail(fault);
  const Ran off = switched({"disable"});
  const bool warned = off.err.find("a restart of the daemon may turn") != std::string::npos;
  const bool nothing_is_written =
      fault == std::string_view("write") && *whose == '\0';  // the switch is a file's being there
  EXPECT_EQ(warned, !nothing_is_written) << off.err << daemon.log();
  EXPECT_EQ(off.code == 0, nothing_is_written);
  daemon.let_fail("");
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTHINFO_UNAVAIL) << daemon.log();
  EXPECT_THAT(tool(daemon, {"--json", "list", "ann"}).out, HasSubstr("\"disabled\":true"));
  EXPECT_THAT(tool(daemon, {"--json", "verify", "ann"}).out, HasSubstr("face login is switched off for"));
  EXPECT_EQ(switched({"enable"}).code, 0) << daemon.log();
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
}

INSTANTIATE_TEST_SUITE_P(WhereItFails, SwitchedOff,
                         testing::Combine(testing::Values("sync", "write"), testing::Values("ann", "")));

INSTANTIATE_TEST_SUITE_P(WhereItFails, FailingDisk, testing::Values("sync", "write"));

// A keeper that takes no more connections is ended, so that another is started, and not kept alive by its watchdog.
TEST_F(Faults, WithoutMemoryForAConnectionAnotherDaemonTakesOver) {
  if (*FACEAUTH_SANITIZER_LIB != '\0') GTEST_SKIP() << "memory is the sanitizer's";
  daemon.let_fail("memory");
  WireClient client(daemon.socket());
  for (int i = 0; i < 50 && daemon.running(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_FALSE(daemon.running());
  EXPECT_THAT(daemon.log(), HasSubstr("std::bad_alloc"));
  daemon.let_fail("");
  daemon.kill9();
  ASSERT_TRUE(daemon.start()) << daemon.log();
  expect_as_before();
}

}  // namespace
}  // namespace faceauth::test
