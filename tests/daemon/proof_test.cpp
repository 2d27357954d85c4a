// A password proved on a connection says something about that password, and not for long.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace faceauth::test {
namespace {

using std::chrono::seconds;
using Act = std::function<void(WireClient&)>;

constexpr uid_t kAnn = 20000;

class ProofTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(
        tool(daemon, {"enroll", "ann", "--image", daemon.text_image("ann", "face 11"), "--password-stdin"}, "old\n")
            .code,
        0);
  }

  // Ann's program proves `password` and does what comes before; `meanwhile` happens elsewhere; what it is told at the
  // end of what it asks then, on the same connection.
  Errc asked_after(
      const char* password, const std::function<void()>& meanwhile, const Act& ask,
      const Act& before = [](WireClient&) {}) {
    int line[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line) != 0) return Errc::internal;
    const pid_t child = ::fork();
    if (child == 0) {
      char go = 0;
      if (::setgid(kAnn) != 0 || ::setuid(kAnn) != 0) ::_exit(kBroken);
      WireClient client(daemon.socket());
      client.send(wire::Type::prove_password, wire::ProvePassword{text("ann"), text(password)});
      if (told(client) != Errc::ok) ::_exit(kBroken);
      before(client);
      if (::write(line[1], "x", 1) != 1 || ::read(line[1], &go, 1) != 1) ::_exit(kBroken);
      ask(client);
      ::_exit(static_cast<int>(told(client)));
    }
    ::close(line[1]);
    char ready = 0;
    const bool proven = ::read(line[0], &ready, 1) == 1;
    EXPECT_TRUE(proven) << daemon.log();
    if (proven) meanwhile();
    (void)!::send(line[0], "x", 1, MSG_NOSIGNAL);
    ::close(line[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return static_cast<Errc>(WEXITSTATUS(status));
  }
  void change_to(const char* password) {
    EXPECT_EQ(tool(daemon, {"passwd", "ann", "--password-stdin"}, std::string(password) + "\n").code, 0);
  }
  int verified(const char* password) {
    return tool(daemon, {"verify", "ann", "--password-stdin"}, std::string(password) + "\n").code;
  }

  static constexpr int kBroken = 200;
  static Errc told(WireClient& client) {
    const auto answer = client.answer();
    if (!answer) return Errc::internal;
    if (answer->header.type == wire::Type::done) return Errc::ok;
    return answer->header.type == wire::Type::failure ? answer->as<wire::Failure>()->code : Errc::internal;
  }

  Daemon daemon{{.fake_clock = true, .timeout_s = 2, .users = {"ann"}}};
};

void set_password(WireClient& client) {
  client.send(wire::Type::set_password, wire::SetPassword{text("ann"), text("hers"), false});
}
void nothing() {}

TEST_F(ProofTest, IsGoodForWhoIsStillHe) {
  EXPECT_EQ(asked_after("old", nothing, set_password), Errc::ok) << daemon.log();
  EXPECT_EQ(verified("hers"), 0);
}

TEST_F(ProofTest, OfAnOldPasswordChangesNothing) {
  const std::pair<const char*, Act> requests[] = {
      {"set_password", set_password},
      {"enable", [](WireClient& client) { client.send(wire::Type::enable, wire::UserOnly{text("ann")}); }},
      {"remove",
       [](WireClient& client) {
         client.send(wire::Type::remove, wire::Remove{text("ann"), {}});
       }},
      {"enroll",
       [](WireClient& client) { client.send(wire::Type::enroll_begin, wire::EnrollBegin{.user = text("ann")}); }}};
  for (const auto& [name, ask] : requests) {
    change_to("old");
    EXPECT_EQ(asked_after(
                  "old", [&] { change_to("new"); }, ask),
              Errc::not_permitted)
        << name;
  }
  EXPECT_EQ(verified("new"), 0);
  EXPECT_EQ(verified("hers"), 1);
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--image", daemon.text_image("seen", "face 11")}).code, 0);
}

// Another module's word counts as a change: ours is not the user's password any more.
TEST_F(ProofTest, OfAPasswordThatIsNoLongerInUseChangesNothing) {
  const auto report = [&] {
    WireClient root(daemon.socket());
    root.send(wire::Type::report, wire::Report{text("ann"), text("another"), false});
    EXPECT_TRUE(root.answer());
  };
  EXPECT_EQ(asked_after("old", report, set_password), Errc::not_permitted);
}

TEST_F(ProofTest, IsGoodForFiveMinutes) {
  EXPECT_EQ(asked_after(
                "old", [&] { daemon.set_clock({}, seconds(295)); }, set_password),
            Errc::ok);
  EXPECT_EQ(asked_after(
                "hers", [&] { daemon.set_clock({}, seconds(295 + 301)); }, set_password),
            Errc::not_permitted);
}

// A registration is open for minutes.
TEST_F(ProofTest, IsAskedForAgainBeforeARegistrationIsStored) {
  std::vector<std::string> views;
  for (int i = 0; i < 53; ++i)
    views.push_back(daemon.text_image("view" + std::to_string(i), "face 11 view=" + std::to_string(i)));
  daemon.show(views);
  const Act begin = [](WireClient& client) {
    client.send(wire::Type::enroll_begin, wire::EnrollBegin{.user = text("ann"), .label = text("late")});
    if (!client.receive()) ::_exit(kBroken);
  };
  const Act finish = [](WireClient& client) { client.send(wire::Type::finish, wire::Empty{}); };
  EXPECT_EQ(asked_after("old", nothing, finish, begin), Errc::ok) << daemon.log();
  EXPECT_EQ(tool(daemon, {"remove", "ann", "--label", "late"}).code, 0);
  EXPECT_EQ(asked_after(
                "old", [&] { change_to("new"); }, finish, begin),
            Errc::not_permitted)
      << daemon.log();
  EXPECT_NE(tool(daemon, {"remove", "ann", "--label", "late"}).code, 0) << "nothing was stored";
}

}  // namespace
}  // namespace faceauth::test
