// Who is told that faces or passwords were changed: the user at his next login, the journal, the administrator's
// program.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <sys/stat.h>
#include <tests/support/built.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

namespace faceauth::test {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char *kFace = "a face was registered for you on ", *kPassword = "the password for your face login was";

class Notices : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(enroll("default").code, 0) << daemon.log();
    daemon.show_text("face 11");
  }
  Ran enroll(const std::string& label) {
    return tool(daemon,
                {"enroll", "ann", "--image", daemon.text_image(label, "face 11 view=" + std::to_string(++views)),
                 "--label", label, "--password-stdin"},
                "right\n");
  }
  std::string told(const LoginOptions& options = {}, int code = PAM_SUCCESS) {
    const Login done = login(daemon, "ann", options);
    EXPECT_EQ(done.code, code) << done.texts << daemon.log();
    return done.texts;
  }
  std::string hook(const std::string& body, mode_t mode = 0755) const {
    const std::string path = daemon.dir() / "hook";
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    ::chmod(path.c_str(), mode);
    return "[enrolment]\nhook = \"" + path + "\"\n";
  }
  // What the hook has written, once that has `lines`; what there is after 5 s.
  std::string written(std::ptrdiff_t lines) const {
    for (int i = 0;; ++i) {
      std::ifstream file(daemon.dir() / "out");
      std::string text{std::istreambuf_iterator<char>(file), {}};
      if (std::count(text.begin(), text.end(), '\n') >= lines || i == 100) return text;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  Daemon daemon{{.timeout_s = 2, .users = {"ann", "bob"}}};
  int views = 0;
};

TEST_F(Notices, TheNextLoginTellsItOnce) {
  const std::string first = told();
  EXPECT_THAT(first, HasSubstr(kFace));
  EXPECT_THAT(first, HasSubstr(" by root\n"));
  EXPECT_THAT(told(), Not(HasSubstr("registered")));
}

TEST_F(Notices, OnlyALoginThatSucceedsAndSpeaksCounts) {
  EXPECT_THAT(told({.module_options = "quiet"}), Not(HasSubstr("registered")));
  EXPECT_THAT(told({.service = "sddm"}), Not(HasSubstr("registered")));
  daemon.show_text("face 99");
  EXPECT_THAT(told({}, PAM_AUTH_ERR), Not(HasSubstr("registered")));
  daemon.show_text("face 11");
  EXPECT_THAT(told(), HasSubstr(kFace));
}

// What a client took and did not show, for its conversation failed or it died, was not told.
TEST_F(Notices, ItIsToldAgainUntilAClientSaysThatItWasShown) {
  const auto news = [this](bool shown) {
    WireClient client(daemon.socket());
    client.send(wire::Type::auth_begin,
                wire::AuthBegin{.user = text("ann"), .service = text("test"), .may_tell = true});
    const auto frame = client.answer();
    if (!frame || frame->header.type != wire::Type::verdict) return std::string("no verdict");
    const wire::Text line = frame->as<wire::VerdictBody>()->news;
    if (shown) client.send(wire::Type::finish, wire::Empty{});
    return std::string(line.data, line.size);
  };
  EXPECT_THAT(news(false), HasSubstr(kFace));
  EXPECT_THAT(news(false), HasSubstr(kFace));
  EXPECT_THAT(news(true), HasSubstr(kFace));
  std::string after = news(true);
  for (int i = 0; i < 20 && !after.empty(); ++i) after = news(true);  // the word may still be on its way
  EXPECT_EQ(after, "");
}

// Whoever has the password and runs as the user registers himself, and would read the news before its owner does.
TEST_F(Notices, AProgramOfTheUsersOwnNeitherHearsNorEndsIt) {
  EXPECT_THAT(told({.uid = 20000}), Not(HasSubstr("registered")));
  EXPECT_THAT(told({.module_options = "factors=password", .password = "right", .uid = 20000}),
              Not(HasSubstr("registered")));
  EXPECT_THAT(told(), HasSubstr(kFace));
}

TEST_F(Notices, ManyChangesAreOneLineAndARestartForgetsNone) {
  ASSERT_EQ(enroll("desk").code, 0);
  ASSERT_EQ(tool(daemon, {"passwd", "ann", "--password-stdin"}, "other\n").code, 0);
  ASSERT_EQ(tool(daemon, {"remove", "ann", "--label", "desk"}).code, 0);
  daemon.stop();
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const std::string line = told();
  EXPECT_THAT(line, HasSubstr(kFace));
  EXPECT_THAT(line, HasSubstr(" by root, and 3 more; see: enroll-tool log\n"));
  EXPECT_THAT(line, Not(HasSubstr(kPassword)));
  EXPECT_THAT(told(), Not(HasSubstr("faceauth:")));
  ASSERT_EQ(tool(daemon, {"passwd", "ann", "--password-stdin"}, "third\n").code, 0);
  EXPECT_THAT(told(), HasSubstr(kPassword));
}

TEST_F(Notices, APasswordThatAnotherModuleAcceptedShowsItToo) {
  const auto stack = [](const std::string& password) {
    return "auth required @PROBE@ token=" + password + "\nauth optional @MODULE@ report\n";
  };
  EXPECT_THAT(told({.stack = stack("right")}), HasSubstr(kFace));
  EXPECT_THAT(told({.stack = stack("right")}), Not(HasSubstr("registered")));
  ASSERT_EQ(tool(daemon, {"passwd", "ann", "--password-stdin"}, "an attacker's\n").code, 0);
  EXPECT_THAT(told({.stack = stack("right")}), HasSubstr(kPassword)) << "differs from the stored one by now";
}

TEST_F(Notices, TheHookHearsOfEveryChangeAndOfNothingElse) {
  daemon.reload(hook("echo \"$1 $FACEAUTH_EVENT $FACEAUTH_USER $FACEAUTH_UID $FACEAUTH_BY_UID\" >> " +
                     (daemon.dir() / "out").string()));
  ASSERT_EQ(enroll("desk").code, 0);
  ASSERT_EQ(written(1), "enroll enroll ann 20000 0\n") << daemon.log();
  EXPECT_EQ(tool(daemon, {"remove", "ann", "--label", "no such"}).code, 4);
  told();
  ASSERT_EQ(tool(daemon, {"passwd", "ann", "--password-stdin"}, "other\n").code, 0);
  written(2);
  ASSERT_EQ(tool(daemon, {"disable", "ann"}, {}, 20000).code, 0);
  EXPECT_EQ(tool(daemon, {"disable", "ann"}, {}, 20000).code, 0) << "changes nothing";
  written(3);
  ASSERT_EQ(tool(daemon, {"enable", "ann"}).code, 0);
  written(4);
  ASSERT_EQ(tool(daemon, {"remove", "ann"}).code, 0);
  EXPECT_EQ(written(5),
            "enroll enroll ann 20000 0\npasswd passwd ann 20000 0\ndisable disable ann 20000 20000\n"
            "enable enable ann 20000 0\nremove remove ann 20000 0\n");
  EXPECT_THAT(daemon.log(), HasSubstr("a face was registered for ann by uid 0"));
  EXPECT_THAT(daemon.log(), HasSubstr("faces were switched off for ann by uid 20000"));
}

// Else one registers his face on another machine, and brings it in that way.
TEST_F(Notices, ARestoreIsAnnouncedLikeARegistrationAndForgetsNoNews) {
  const std::string file = (daemon.dir() / "saved.backup").string();
  ASSERT_EQ(tool(daemon, {"enroll", "bob", "--image", daemon.text_image("b", "face 22")}).code, 0);
  ASSERT_EQ(tool(daemon, {"backup", file, "--passphrase-stdin"}, "correct horse\n").code, 0);
  told();
  ASSERT_EQ(enroll("desk").code, 0);
  daemon.reload(
      hook("echo \"$1 $FACEAUTH_EVENT $FACEAUTH_USER $FACEAUTH_BY_UID\" >> " + (daemon.dir() / "out").string()));
  const auto restore = [&](const std::string& how) {
    return tool(daemon, {"restore", file, how, "--passphrase-stdin"}, "correct horse\n").code;
  };
  ASSERT_EQ(restore("--merge"), 0);
  EXPECT_THAT(daemon.log(), Not(HasSubstr("restored for"))) << "everybody stayed as he was";
  ASSERT_EQ(restore("--replace"), 0);
  EXPECT_EQ(written(1), "restore restore  0\n") << daemon.log();
  for (const char* const whom : {"everybody", "ann", "bob"})
    EXPECT_THAT(daemon.log(), HasSubstr("a backup was restored for " + std::string(whom) + " by uid 0"));
  // A restored face counts after the password.
  const std::string line = told({.module_options = "factors=password", .password = "right"});
  EXPECT_THAT(line, HasSubstr(kFace));
  EXPECT_THAT(line, HasSubstr(", and 2 more")) << "the registration at the desk, and the password";
  EXPECT_THAT(told(), Not(HasSubstr("faceauth:")));
}

TEST_F(Notices, NobodyWaitsForASlowHookAndItsEndChangesNothing) {
  daemon.reload(hook("echo >> " + (daemon.dir() / "out").string() + "; sleep 30; exit 1"));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(enroll("desk").code, 0);
  EXPECT_EQ(written(1), "\n");
  told();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(9));
  EXPECT_EQ(daemon.stop(), 0);
}

// Nobody's login hangs on it: faced starts and reloads with a warning, and says so again at each change.
TEST_F(Notices, AHookThatCannotBeTrustedIsNotRunAndKeepsNobodyOut) {
  const std::string body = "echo >> " + (daemon.dir() / "out").string();
  daemon.reload(hook(body, 0777));
  EXPECT_EQ(enroll("desk").code, 0);
  EXPECT_THAT(daemon.log(), HasSubstr("enrolment.hook will not be run"));
  EXPECT_THAT(daemon.log(), HasSubstr("lets group or others write"));
  EXPECT_THAT(daemon.log(), HasSubstr("the hook is not run for enroll of ann"));
  daemon.stop();
  std::filesystem::remove(daemon.dir() / "hook");
  ASSERT_TRUE(daemon.start()) << daemon.log();
  EXPECT_THAT(told(), HasSubstr(kFace));
  EXPECT_EQ(enroll("shelf").code, 0);
  EXPECT_EQ(run({built::kFaced, "--config", daemon.config(), "--check-config"}).code, 78) << "who checks is told";
  hook(body);
  EXPECT_EQ(run({built::kFaced, "--config", daemon.config(), "--check-config"}).code, 0);
  EXPECT_EQ(enroll("chair").code, 0);
  EXPECT_EQ(written(1), "\n") << "the last alone";
}

}  // namespace
}  // namespace faceauth::test
