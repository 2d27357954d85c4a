// Logins through real libpam against a real faced. The eye is the stand-in: what is tested is who gets in and why.
#include "support/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <nlohmann/json.hpp>

namespace faceauth::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class LoginTest : public testing::Test {
 protected:
  explicit LoginTest(std::string extra = {})
      : daemon({.extra = std::move(extra), .timeout_s = 2, .users = {"ann", "bob", "eve"}}) {}

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    enroll("ann", 11, "ann's password");
  }
  void enroll(const std::string& user, int seed, const std::string& password = {}) {
    std::vector<std::string> arguments = {"enroll", user, "--image",
                                          daemon.text_image(user + ".txt", "face " + std::to_string(seed))};
    if (!password.empty()) arguments.emplace_back("--password-stdin");
    const Ran ran = tool(daemon, arguments, password.empty() ? "" : password + "\n");
    ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  }
  json listed(const std::string& user) { return json::parse(tool(daemon, {"--json", "list", user}).out)["users"][0]; }

  Daemon daemon;
};

TEST_F(LoginTest, OwnFaceIsGranted) {
  daemon.show_text("face 11");
  const Login result = login(daemon, "ann");
  EXPECT_EQ(result.code, PAM_SUCCESS) << result.texts << daemon.log();
  EXPECT_LT(result.elapsed.count(), 1500);
}

TEST_F(LoginTest, StrangerIsRefusedAsJudged) {
  daemon.show_text("face 99");
  const Login result = login(daemon, "ann");
  EXPECT_EQ(result.code, PAM_AUTH_ERR);
  EXPECT_EQ(listed("ann")["failures"], 1);
}

TEST_F(LoginTest, NobodyThereIsNotJudgedAndCostsNothing) {
  daemon.show_text("empty");
  const Login result = login(daemon, "ann", {.module_options = "timeout=1"});
  EXPECT_EQ(result.code, PAM_AUTHINFO_UNAVAIL);
  EXPECT_LT(result.elapsed.count(), 1250);
  EXPECT_EQ(listed("ann")["failures"], 0);
}

TEST_F(LoginTest, TwoPeopleAreNotJudged) {
  daemon.show_text("two");
  EXPECT_EQ(login(daemon, "ann", {.module_options = "timeout=1"}).code, PAM_AUTHINFO_UNAVAIL);
}

TEST_F(LoginTest, UserWithoutTemplatesIsUnknown) {
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "bob").code, PAM_USER_UNKNOWN);
  EXPECT_EQ(login(daemon, "nobody-of-this-system").code, PAM_USER_UNKNOWN);
}

TEST_F(LoginTest, OneUsersFaceOpensNobodyElse) {
  enroll("bob", 22);
  daemon.show_text("face 22");
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR);
  EXPECT_EQ(login(daemon, "bob").code, PAM_SUCCESS);
}

TEST_F(LoginTest, PasswordAloneIsCheckedAgainstTheStoredHash) {
  const LoginOptions right{.module_options = "factors=face|password", .password = "ann's password"};
  const LoginOptions wrong{.module_options = "factors=face|password", .password = "ann's passwort"};
  daemon.show_text("empty");
  daemon.reload("[service.default]\nfactors = \"face|password\"\n");
  EXPECT_EQ(login(daemon, "ann", wrong).code, PAM_AUTH_ERR);
  const Login granted = login(daemon, "ann", right);
  EXPECT_EQ(granted.code, PAM_SUCCESS) << daemon.log();
}

TEST_F(LoginTest, BothFactorsMeansBoth) {
  const LoginOptions right{.module_options = "factors=face+password", .password = "ann's password"};
  const LoginOptions wrong{.module_options = "factors=face+password", .password = "guess"};
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann", wrong).code, PAM_AUTH_ERR);
  EXPECT_EQ(login(daemon, "ann", right).code, PAM_SUCCESS) << daemon.log();
  daemon.show_text("face 99");
  EXPECT_EQ(login(daemon, "ann", right).code, PAM_AUTH_ERR);
}

// Whoever has the password must not get endless tries at the face by it.
TEST_F(LoginTest, ARightPasswordBesideTheFaceFreesNoTriesOfTheFace) {
  const LoginOptions both{.module_options = "factors=face+password", .password = "ann's password"};
  daemon.show_text("face 99");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(login(daemon, "ann", both).code, PAM_AUTH_ERR) << i;
  EXPECT_EQ(login(daemon, "ann", both).code, PAM_MAXTRIES) << daemon.log();
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann", both).code, PAM_MAXTRIES);
  EXPECT_EQ(tool(daemon, {"unlock", "ann"}).code, 0);
  EXPECT_EQ(login(daemon, "ann", both).code, PAM_SUCCESS) << daemon.log();
}

// A wrong password was judged; that nobody stood before the camera afterwards changes nothing about it.
TEST_F(LoginTest, WhatWasJudgedStaysTheAnswer) {
  daemon.reload("[service.default]\nfactors = \"face|password\"\n");
  daemon.show_text("empty");
  const std::string stack = "auth optional @PROBE@ token=wrong\nauth required @MODULE@ use_first_pass timeout=2";
  EXPECT_EQ(login(daemon, "ann", {.stack = stack}).code, PAM_AUTH_ERR) << daemon.log();
}

TEST_F(LoginTest, AfterAPasswordAtHandThatIsWrongThePersonIsAsked) {
  daemon.reload("[service.default]\nfactors = \"password\"\n");
  const std::string other = "auth optional @PROBE@ token=another\nauth required @MODULE@ ";
  EXPECT_EQ(login(daemon, "ann", {.password = "ann's password", .stack = other + "try_first_pass"}).code, PAM_SUCCESS)
      << daemon.log();
  EXPECT_EQ(login(daemon, "ann", {.password = "ann's password", .stack = other + "use_first_pass"}).code, PAM_AUTH_ERR);
  EXPECT_EQ(login(daemon, "ann", {.password = "wrong", .stack = other + "try_first_pass"}).code, PAM_AUTH_ERR);
}

TEST_F(LoginTest, AModuleOptionCannotLoosenTheServicesPolicy) {
  daemon.show_text("face 99");
  const LoginOptions password_only{.module_options = "factors=face|password timeout=1", .password = "ann's password"};
  EXPECT_EQ(login(daemon, "ann", password_only).code, PAM_AUTH_ERR) << "the service asks for a face";
}

TEST_F(LoginTest, IntentWantsEnterFirst) {
  daemon.show_text("face 11");
  const Login entered = login(daemon, "ann", {.module_options = "intent=enter", .password = ""});
  EXPECT_EQ(entered.code, PAM_SUCCESS);
  const Login typed = login(daemon, "ann", {.module_options = "intent=enter", .password = "something typed"});
  EXPECT_EQ(typed.code, PAM_AUTHINFO_UNAVAIL) << "a typed password is the wish not to be scanned";
}

TEST_F(LoginTest, FactorsNoneNeverJudges) {
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann", {.module_options = "factors=none"}).code, PAM_AUTHINFO_UNAVAIL);
}

TEST_F(LoginTest, FailuresLockTheFaceUntilUnlocked) {
  daemon.show_text("face 99");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR);
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann").code, PAM_MAXTRIES) << "also for the right face";
  ASSERT_EQ(daemon.stop(), 0);
  ASSERT_TRUE(daemon.start());
  EXPECT_EQ(login(daemon, "ann").code, PAM_MAXTRIES) << "a restart forgives nothing";
  EXPECT_EQ(tool(daemon, {"unlock", "ann"}).code, 0);
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS);
}

TEST_F(LoginTest, DisabledMeansNoFaceAtOnce) {
  daemon.show_text("face 11");
  EXPECT_EQ(tool(daemon, {"disable", "ann"}).code, 0);
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTHINFO_UNAVAIL);
  EXPECT_EQ(tool(daemon, {"enable", "ann"}).code, 0);
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS);
  EXPECT_EQ(tool(daemon, {"disable"}).code, 0);
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTHINFO_UNAVAIL);
  EXPECT_EQ(tool(daemon, {"enable"}).code, 0);
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS);
}

TEST_F(LoginTest, ADifferentUidMayNotAskForAnotherUser) {
  daemon.show_text("face 11");
  EXPECT_NE(login(daemon, "ann", {.uid = 20001}).code, PAM_SUCCESS) << "bob asks for ann";
  EXPECT_EQ(login(daemon, "ann", {.uid = 20000}).code, PAM_SUCCESS) << "a locker runs as the user\n" << daemon.log();
}

TEST_F(LoginTest, QuietSaysNothing) {
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann", {.module_options = "quiet"}).texts, "");
  EXPECT_NE(login(daemon, "ann").texts, "");
}

TEST_F(LoginTest, VerifyTellsWhatALoginWouldDecide) {
  daemon.show_text("face 11");
  const json match = json::parse(tool(daemon, {"--json", "verify", "ann"}).out);
  EXPECT_EQ(match["verdict"], "match");
  EXPECT_LT(match["distance"].get<double>(), match["threshold"].get<double>());
  daemon.show_text("face 99");
  const Ran refused = tool(daemon, {"--json", "verify", "ann"});
  EXPECT_EQ(refused.code, 1);
  EXPECT_EQ(json::parse(refused.out)["verdict"], "no-match");
  EXPECT_EQ(listed("ann")["failures"], 0) << "root only looked";
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--password-stdin"}, "ann's password\n").code, 0);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(tool(daemon, {"verify", "ann", "--password-stdin"}, "wrong\n").code, 1);
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--password-stdin"}, "ann's password\n").code, 0) << "root only looked";
}

TEST_F(LoginTest, IdentifyNamesTheUserAndNotAStranger) {
  enroll("bob", 22);
  const Ran bob = tool(daemon, {"--json", "identify", "--image", daemon.text_image("probe", "face 22")});
  EXPECT_EQ(bob.code, 0);
  EXPECT_EQ(json::parse(bob.out)["user"], "bob");
  const Ran stranger = tool(daemon, {"--json", "identify", "--image", daemon.text_image("probe", "face 33")});
  EXPECT_EQ(stranger.code, 1);
  EXPECT_TRUE(json::parse(stranger.out)["user"].is_null());
}

TEST(Liveness, APrintIsRefusedAndALiveFaceIsNot) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  Daemon daemon({.liveness = "passive", .timeout_s = 2, .users = {"ann"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("a", "face 11 live=0.1")}).code, 0)
      << "photos given by root skip liveness";
  daemon.show_text("face 11 live=0.1");
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR);
  daemon.show_text("face 11 live=0.9");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS);
}

}  // namespace
}  // namespace faceauth::test
