// Logins without a name, by the module's `identify`: who is let in, under which name, and what others learn.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <utility>

namespace faceauth::test {
namespace {

using nlohmann::json;
using wire::Type;

constexpr uid_t kBob = 20001;

class Nameless : public testing::Test {
 protected:
  explicit Nameless(DaemonOptions options = {.extra = "[service.far]\nremote = \"allow\"\n"
                                                      "[service.typed]\nfactors = \"password\"\n"
                                                      "[service.none]\nfactors = \"none\"\n"
                                                      "[service.either]\nfactors = \"face|password\"\n",
                                             .timeout_s = 2,
                                             .users = {"ann", "bob"}})
      : daemon(std::move(options)) {}

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    enroll("ann", 11, "ann's password");
    enroll("bob", 22, "bob's password");
  }
  void enroll(const std::string& user, int seed, const std::string& password) {
    const std::string photo = daemon.text_image(user + ".txt", "face " + std::to_string(seed));
    const Ran ran = tool(daemon, {"enroll", user, "--image", photo, "--password-stdin"}, password + "\n");
    ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  }
  Login whoever(const std::string& line, LoginOptions options = {}) {
    if (!line.empty()) daemon.show_text(line);
    options.module_options = "identify " + options.module_options;
    return login(daemon, "?", options);
  }
  json failures_of(const std::string& user) {
    return json::parse(tool(daemon, {"--json", "list", user}).out)["users"][0]["failures"];
  }
  json last_entry() { return json::parse(tool(daemon, {"--json", "log"}).out)["entries"].back(); }

  Daemon daemon;
};

void nobody_was_named(const Login& refused) {
  EXPECT_EQ(refused.code, PAM_AUTHINFO_UNAVAIL) << refused.texts;
  EXPECT_EQ(refused.user, "");
  EXPECT_EQ(refused.texts.find("ann"), std::string::npos) << refused.texts;
}

TEST_F(Nameless, WhoIsThereIsLetInUnderHisOwnName) {
  for (const auto& [line, user] : {std::pair{"face 11", "ann"}, std::pair{"face 22", "bob"}}) {
    const Login result = whoever(line);
    EXPECT_EQ(result.code, PAM_SUCCESS) << result.texts << daemon.log();
    EXPECT_EQ(result.user, user);
    EXPECT_EQ(result.texts.find(user), std::string::npos) << "the application knows it, and no screen need show it";
    const json entry = last_entry();
    EXPECT_EQ(entry["kind"], "login");
    EXPECT_EQ(entry["user"], user);
    EXPECT_EQ(entry["verdict"], "match");
  }
}

TEST_F(Nameless, AStrangerIsNobodyAndCostsNobodyATry) {
  nobody_was_named(whoever("face 99"));
  EXPECT_EQ(last_entry()["verdict"], "no-match");
  EXPECT_EQ(failures_of("ann"), 0);
  EXPECT_EQ(failures_of("bob"), 0);
  EXPECT_EQ(whoever("face 11").user, "ann");
}

TEST_F(Nameless, WithNobodyThereOrSeveralNobodyIsJudged) {
  for (const char* line : {"empty", "two", "empty", "two", "empty", "two"})
    nobody_was_named(whoever(line, {.module_options = "timeout=1"}));
  EXPECT_EQ(whoever("face 11").code, PAM_SUCCESS) << "none of them counted";
}

// To the camera, who may not log in looks like somebody unknown; his ledger has the reason.
TEST_F(Nameless, WhoMayNotUseHisFaceIsToldNoMoreThanAStranger) {
  const std::string told = whoever("face 99").texts;
  ASSERT_EQ(tool(daemon, {"disable", "ann"}).code, 0);
  const Login disabled = whoever("face 11");
  nobody_was_named(disabled);
  EXPECT_EQ(disabled.texts, told);
  EXPECT_EQ(last_entry()["user"], "ann");
  EXPECT_EQ(last_entry()["verdict"], "disabled");
  ASSERT_EQ(tool(daemon, {"enable", "ann"}).code, 0);
  EXPECT_EQ(whoever("face 11").user, "ann");

  daemon.show_text("face 99");
  for (int i = 0; i < 5; ++i) ASSERT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR);
  const Login locked = whoever("face 11");
  nobody_was_named(locked);
  EXPECT_EQ(locked.texts, told);
  EXPECT_EQ(last_entry()["verdict"], "locked-out");
  EXPECT_EQ(whoever("face 22").user, "bob") << "another's lockout is not his";
}

TEST_F(Nameless, ANameThatIsKnownIsAskedAboutAlone) {
  daemon.show_text("face 11");
  const Login own = login(daemon, "ann", {.module_options = "identify"});
  EXPECT_EQ(own.code, PAM_SUCCESS);
  EXPECT_EQ(own.user, "ann");
  const Login other = login(daemon, "bob", {.module_options = "identify"});
  EXPECT_EQ(other.code, PAM_AUTH_ERR) << "ann is there, and bob was named";
  EXPECT_EQ(other.user, "bob");
  EXPECT_EQ(failures_of("bob"), 1);
}

TEST_F(Nameless, OnlyRootMayAsk) {
  nobody_was_named(whoever("face 22", {.uid = kBob}));
  EXPECT_EQ(last_entry()["kind"], "refused") << "not even about himself";
  EXPECT_EQ(whoever("face 22").user, "bob");
}

TEST_F(Nameless, FromAfarNobodyIsLookedAtWhateverTheServiceAllows) {
  for (const char* service : {"faceauth-test", "far"}) {
    nobody_was_named(whoever("face 11", {.service = service, .rhost = "203.0.113.7"}));
    EXPECT_EQ(last_entry()["verdict"], "remote");
  }
  EXPECT_EQ(login(daemon, "ann", {.service = "far", .rhost = "203.0.113.7"}).code, PAM_SUCCESS) << "with a name it may";
  EXPECT_EQ(whoever("face 11", {.service = "far"}).user, "ann");
}

TEST_F(Nameless, TheNextModuleGetsTheNameOrAsksForIt) {
  const std::string stack = "auth optional @MODULE@ identify\nauth required @PROBE@ user=ann";
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "?nobody", {.stack = stack}).code, PAM_SUCCESS) << daemon.log();
  daemon.show_text("face 99");
  const Login asked = login(daemon, "?ann", {.stack = stack});
  EXPECT_EQ(asked.code, PAM_SUCCESS);
  EXPECT_EQ(asked.user, "ann");
  EXPECT_NE(asked.texts.find("login:"), std::string::npos) << asked.texts;
  daemon.show_text("face 22");
  EXPECT_EQ(login(daemon, "?ann", {.stack = stack}).user, "bob") << "what is set is not asked for";
}

TEST_F(Nameless, FailuresMakeLoginsWithoutANameWaitAndNoOthers) {
  for (int i = 0; i < 5; ++i) nobody_was_named(whoever("face 99"));
  nobody_was_named(whoever("face 11"));
  EXPECT_EQ(last_entry()["verdict"], "locked-out");
  EXPECT_TRUE(last_entry()["user"].is_null());
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << "with a name it goes on";
  nobody_was_named(whoever("face 11"));
  ASSERT_EQ(tool(daemon, {"unlock", "ann"}).code, 0);
  EXPECT_EQ(whoever("face 11").user, "ann");
}

TEST_F(Nameless, ASuccessEndsTheCount) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 4; ++i) nobody_was_named(whoever("face 99"));
    EXPECT_EQ(whoever("face 11").user, "ann");
  }
}

TEST_F(Nameless, EnterComesBeforeTheCameraWhereItIsWanted) {
  const Login meant = whoever("face 11", {.module_options = "intent=enter"});
  EXPECT_EQ(meant.user, "ann") << daemon.log();
  EXPECT_NE(meant.texts.find("Press Enter"), std::string::npos);
  const Login typed = whoever("face 11", {.module_options = "intent=enter", .password = "ann"});
  nobody_was_named(typed);
  EXPECT_EQ(typed.texts.find("Looking"), std::string::npos) << "the camera stays off";
  nobody_was_named(whoever("face 11", {.module_options = "intent=enter use_first_pass"}));
}

TEST_F(Nameless, FactorsAreThoseOfWhoIsRecognised) {
  const LoginOptions right{.module_options = "factors=face+password", .password = "ann's password"};
  const LoginOptions wrong{.module_options = "factors=face+password", .password = "bob's password"};
  const Login both = whoever("face 11", right);
  EXPECT_EQ(both.user, "ann") << both.code << both.texts << daemon.log();
  nobody_was_named(whoever("face 11", wrong));
  nobody_was_named(whoever("face 99", right));
  EXPECT_EQ(whoever("face 11", {.service = "either"}).user, "ann") << "there is a face, so no password is asked for";
  nobody_was_named(whoever("face 99", {.password = "ann's password", .service = "either"}));
  nobody_was_named(whoever("face 11", {.password = "ann's password", .service = "typed"}));
  nobody_was_named(whoever("face 11", {.service = "none"}));
}

TEST_F(Nameless, FacesThatAreOffForAllAreNotLookedAt) {
  ASSERT_EQ(tool(daemon, {"disable"}).code, 0);
  const Login off = whoever("face 11");
  nobody_was_named(off);
  EXPECT_EQ(off.texts.find("Looking"), std::string::npos);
}

TEST_F(Nameless, OneMatchAnswersOneRequest) {
  daemon.show_text("face 11");
  WireClient client(daemon.socket());
  const auto ask = [](WireClient& from, wire::Text user) {
    from.send(Type::auth_identify, wire::AuthBegin{.user = user, .service = text("login"), .timeout_ms = 1000});
    return from.answer();
  };
  auto answer = ask(client, {});
  ASSERT_TRUE(answer && answer->header.type == Type::verdict) << daemon.log();
  const auto match = answer->as<wire::VerdictBody>();
  ASSERT_TRUE(match);
  EXPECT_EQ(match->verdict, Verdict::match);
  EXPECT_EQ(std::string(match->user.data, match->user.size), "ann");
  daemon.show_text("empty");
  answer = ask(client, {});
  ASSERT_TRUE(answer && answer->header.type == Type::verdict);
  EXPECT_EQ(answer->as<wire::VerdictBody>()->verdict, Verdict::no_face) << "the same nonce again";
  EXPECT_EQ(answer->as<wire::VerdictBody>()->user.size, 0u);
  EXPECT_FALSE(ask(client, text("ann"))) << "a name has no place here";
}

TEST_F(Nameless, OneAtATimeLooks) {
  daemon.show_text("empty");
  auto first = std::async(std::launch::async, [this] { return whoever(""); });
  std::this_thread::sleep_for(std::chrono::milliseconds(700));
  const Login second = whoever("");
  nobody_was_named(second);
  EXPECT_LT(second.elapsed.count(), 600) << "busy, at once";
  nobody_was_named(first.get());
  EXPECT_EQ(whoever("face 11").user, "ann");
}

class NamelessAndLive : public Nameless {
 protected:
  NamelessAndLive() : Nameless({.liveness = "passive", .timeout_s = 1, .users = {"ann", "bob"}}) {}
};

TEST_F(NamelessAndLive, APhotoIsNobodyAndItsTriesCount) {
  EXPECT_EQ(whoever("face 11 live=0.9").user, "ann") << daemon.log();
  for (int i = 0; i < 5; ++i) nobody_was_named(whoever("face 11 live=0.1"));
  EXPECT_EQ(failures_of("ann"), 0) << "nobody was compared";
  nobody_was_named(whoever("face 11 live=0.9"));
  EXPECT_EQ(last_entry()["verdict"], "locked-out");
}

}  // namespace
}  // namespace faceauth::test
