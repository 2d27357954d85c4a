#include <gtest/gtest.h>
#include <unistd.h>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using wire::Type;

struct Passwords {
  std::string user, set, proved;
  FakeKeeper keeper{[this](Peer& peer, const Request& request) {
    peer.ack();
    switch (request.type) {
      case Type::list:
        if (str(request.body<wire::ListBegin>().user) == "ghost") return peer.refuse(Errc::not_found);
        peer.answer(Type::list_user, wire::ListUser{request.body<wire::ListBegin>().user});
        return peer.done();
      case Type::prove_password:
        proved = str(request.body<wire::ProvePassword>().password);
        if (proved != "right") return peer.refuse(Errc::wrong_password);
        return peer.done();
      case Type::set_password: {
        const auto body = request.body<wire::SetPassword>();
        user = str(body.user);
        set = str(body.password);
        if (user == "ghost") return peer.refuse(Errc::not_found);
        return peer.done();
      }
      default:
        ADD_FAILURE() << "unexpected request";
    }
  }};

  Ran passwd(const std::string& name, const std::string& input, uid_t as = kSame) const {
    return run_tool({"passwd", name, "--password-stdin", "--json", "--config", keeper.config()}, input, as);
  }
};

TEST(Passwd, RootSetsIt) {
  Passwords p;
  const Ran ran = p.passwd("alice", "new one\n");
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.json(), nlohmann::json::parse(R"({"ok":true,"user":"alice"})"));
  EXPECT_EQ(p.user, "alice");
  EXPECT_EQ(p.set, "new one");
}

TEST(Passwd, NobodyOfThatName) {
  Passwords p;
  const Ran ran = p.passwd("ghost", "new one\n");
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.json()["error"], "not-found");
}

TEST(Passwd, EmptyAndTooLongAreRefused) {
  Passwords p;
  EXPECT_EQ(p.passwd("alice", "\n").exit, 2);
  EXPECT_EQ(p.passwd("alice", std::string(limits::kPasswordMax + 1, 'x')).exit, 2);
  EXPECT_EQ(p.keeper.connections(), 0);
}

TEST(Passwd, AUserGivesThePresentOneFirst) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  Passwords p;
  EXPECT_EQ(p.passwd("nobody", "right\nnew one\n", kNobody).exit, 0);
  EXPECT_EQ(p.proved, "right");
  EXPECT_EQ(p.set, "new one");
  EXPECT_EQ(p.keeper.connections(), 1);
  p.set.clear();
  const Ran wrong = p.passwd("nobody", "wrong\nnew one\n", kNobody);
  EXPECT_EQ(wrong.exit, 3);
  EXPECT_EQ(wrong.json()["error"], "wrong-password");
  EXPECT_EQ(p.set, "");
}

TEST(PasswdOnTerminal, AUserIsAskedForBoth) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  Passwords p;
  OnTerminal tool({"--config", p.keeper.config(), "passwd", "nobody"}, kNobody);
  ASSERT_TRUE(tool.await("Present password of nobody: "));
  tool.type("right\n");
  ASSERT_TRUE(tool.await("New password: "));
  tool.type("new one\n");
  ASSERT_TRUE(tool.await("again: "));
  tool.type("new one\n");
  EXPECT_EQ(tool.finish().exit, 0) << tool.screen();
  EXPECT_EQ(p.proved, "right");
  EXPECT_EQ(p.set, "new one");
}

TEST(PasswdOnTerminal, NobodyIsAskedForTheSakeOfAGhost) {
  Passwords p;
  OnTerminal tool({"--config", p.keeper.config(), "passwd", "ghost"});
  EXPECT_EQ(tool.finish().exit, 4) << tool.screen();
  EXPECT_EQ(tool.screen().find("New password"), std::string::npos);
}

}  // namespace
}  // namespace faceauth::test
