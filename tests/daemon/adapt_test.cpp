// match.adapt: what joins a user's templates after a login by face and password, through real libpam and a real faced.
#include "support/daemon.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <string>

namespace faceauth::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kBoth = "[service.both]\nfactors = \"face+password\"\n";

DaemonOptions options(const std::string& match, const std::string& liveness = "passive") {
  return {.liveness = liveness, .extra = kBoth, .match = match, .timeout_s = 3, .users = {"ann", "bob"}};
}

class Adapt : public testing::Test {
 protected:
  Adapt() : Adapt("adapt = true\n") {}
  explicit Adapt(const std::string& match, const std::string& liveness = "passive")
      : daemon(options(match, liveness)) {}
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(
        tool(daemon, {"enroll", "ann", "--image", daemon.text_image("ann", "face 11"), "--password-stdin"}, "right\n")
            .code,
        0)
        << daemon.log();
  }
  int by(const std::string& face, const std::string& service = "both", const std::string& password = "right") {
    daemon.show_text(face);
    return login(daemon, "ann", {.password = password, .service = service}).code;
  }
  // How many of ann's templates came from `source`. The store is written after the verdict was told.
  std::size_t templates(const std::string& source) {
    const json user = json::parse(tool(daemon, {"--json", "list", "ann"}).out)["users"][0];
    std::size_t count = 0;
    for (const json& one : user["templates"])
      if (one["source"] == source) ++count;
    return count;
  }
  Daemon daemon;
};

TEST_F(Adapt, AStrongLoginByFaceAndPasswordJoinsOnceADay) {
  ASSERT_EQ(by("face 11 view=1"), PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(templates("adapted"), 1U) << daemon.log();
  EXPECT_EQ(by("face 11 view=2"), PAM_SUCCESS);
  EXPECT_EQ(templates("adapted"), 1U) << "a day has to pass";
  EXPECT_THAT(daemon.log(), HasSubstr("a login's face joined the templates of ann by uid 0"));
  EXPECT_THAT(tool(daemon, {"log", "ann"}).out, HasSubstr("adapt"));
  EXPECT_EQ(tool(daemon, {"remove", "ann", "--label", "adapted"}).code, 0);
  EXPECT_EQ(templates("adapted"), 0U);
  EXPECT_EQ(templates("photo"), 1U);
}

TEST_F(Adapt, NoImpostorWithTheRightPasswordJoins) {
  for (const char* face : {"face 99", "face 99 toward=11,1.0", "face 99 toward=11,0.97"}) by(face);
  EXPECT_EQ(templates("adapted"), 0U) << daemon.log();
  // The nearest of them passes for her at this level and still joins nothing: that takes the strict one.
  ASSERT_EQ(tool(daemon, {"unlock", "ann"}).code, 0);
  EXPECT_EQ(by("face 99 toward=11,0.97"), PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(templates("adapted"), 0U);
}

TEST_F(Adapt, OneFactorIsNotEnough) {
  EXPECT_EQ(by("face 11 view=1", "faceauth-test"), PAM_SUCCESS) << "the face alone";
  EXPECT_NE(by("face 11 view=1", "both", "wrong"), PAM_SUCCESS);
  daemon.show_text("face 11 view=1");
  const std::string reported =
      "auth optional @MODULE@\nauth required @PROBE@ token=right\nauth optional @MODULE@ report\n";
  EXPECT_EQ(login(daemon, "ann", {.stack = reported}).code, PAM_SUCCESS);
  EXPECT_EQ(templates("adapted"), 0U) << daemon.log();
}

TEST_F(Adapt, TheyFallWhenTheEnrolledOnesChange) {
  ASSERT_EQ(by("face 11 view=1"), PAM_SUCCESS) << daemon.log();
  ASSERT_EQ(templates("adapted"), 1U);
  const std::string photo = daemon.text_image("desk", "face 11 view=3");
  EXPECT_NE(tool(daemon, {"enroll", "ann", "--image", photo, "--label", "adapted"}).code, 0) << "a label of its own";
  EXPECT_EQ(templates("adapted"), 1U);
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", photo, "--label", "desk"}).code, 0) << daemon.log();
  EXPECT_EQ(templates("adapted"), 0U);
  ASSERT_EQ(by("face 11 view=2"), PAM_SUCCESS) << daemon.log();
  ASSERT_EQ(templates("adapted"), 1U);
  ASSERT_EQ(tool(daemon, {"remove", "ann", "--label", "desk"}).code, 0);
  EXPECT_EQ(templates("adapted"), 0U);
}

class NotLive : public Adapt {
 protected:
  NotLive() : Adapt("adapt = true\n", "off") {}
};
TEST_F(NotLive, NothingJoinsWithoutLiveness) {
  EXPECT_EQ(by("face 11 view=1"), PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(templates("adapted"), 0U);
  EXPECT_THAT(daemon.log(), HasSubstr("match.adapt = true does nothing"));
}

class Default : public Adapt {
 protected:
  Default() : Adapt("") {}
};
TEST_F(Default, IsOff) {
  EXPECT_EQ(by("face 11 view=1"), PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(templates("adapted"), 0U);
  EXPECT_THAT(daemon.log(), Not(HasSubstr("joined")));
}

}  // namespace
}  // namespace faceauth::test
