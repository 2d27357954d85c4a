// unlock, disable, enable.
#include <gtest/gtest.h>
#include <unistd.h>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using wire::Type;

struct Switches {
  std::string user, password;
  Errc refuse_with = Errc::ok;
  bool faces_off = false;
  FakeKeeper keeper{[this](Peer& peer, const Request& request) {
    if (request.type == Type::prove_password) {
      const auto proof = request.body<wire::ProvePassword>();
      password = str(proof.password);
      peer.ack();
      if (password == "right")
        peer.done();
      else
        peer.refuse(Errc::wrong_password);
      return;
    }
    if (request.type == Type::status) {
      wire::StatusResult status;
      status.faces_off = faces_off;
      peer.ack();
      return peer.answer(Type::status_result, status);
    }
    user = str(request.body<wire::UserOnly>().user);
    EXPECT_TRUE(request.decoded_);
    if (refuse_with != Errc::ok) return peer.refuse(refuse_with);
    peer.ack();
    peer.done();
  }};

  Ran run(const Args& verb, const std::string& input = "", uid_t as = kSame) const {
    Args args{"--config", keeper.config(), "--json"};
    args.insert(args.end(), verb.begin(), verb.end());
    return run_tool(args, input, as);
  }
};

TEST(Unlock, AllowAndDeny) {
  Switches s;
  const Ran done = s.run({"unlock", "alice"});
  EXPECT_EQ(done.exit, 0);
  EXPECT_EQ(done.json(), nlohmann::json::parse(R"({"ok":true,"user":"alice"})"));
  EXPECT_EQ(done.err, "alice unlocked\n");
  EXPECT_EQ(s.user, "alice");
  s.refuse_with = Errc::not_found;
  const Ran refused = s.run({"unlock", "bob"});
  EXPECT_EQ(refused.exit, 4);
  EXPECT_EQ(refused.json()["error"], "not-found");
  EXPECT_EQ(refused.json()["user"], "bob");
}

TEST(Disable, AllowAndDeny) {
  Switches s;
  EXPECT_EQ(s.run({"disable", "alice"}).exit, 0);
  EXPECT_EQ(s.user, "alice");
  s.refuse_with = Errc::not_permitted;
  const Ran refused = s.run({"disable", "alice"});
  EXPECT_EQ(refused.exit, 3);
  EXPECT_EQ(refused.json()["error"], "not-permitted");
}

TEST(Switches, WithoutAUserRootMeansEverybody) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  Switches s;
  s.user = "untouched";
  const Ran off = s.run({"disable"});
  EXPECT_EQ(off.exit, 0);
  EXPECT_EQ(s.user, "");
  EXPECT_TRUE(off.json()["user"].is_null());
  s.user = "untouched";
  EXPECT_EQ(s.run({"enable"}).exit, 0);
  EXPECT_EQ(s.user, "");
  EXPECT_EQ(s.keeper.seen(), (std::vector{Type::disable, Type::enable}));
}

TEST(Switches, WithoutAUserAnybodyElseMeansHimself) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  Switches s;
  EXPECT_EQ(s.run({"disable"}, "", kNobody).exit, 0);
  EXPECT_EQ(s.user, "nobody");
  EXPECT_EQ(s.keeper.seen(), (std::vector{Type::disable})) << "switching off asks for no password";
}

TEST(Enable, OneUserSaysThatFacesStayOffForEverybody) {
  Switches s;
  const Ran on = s.run({"enable", "alice"});
  EXPECT_EQ(on.json(), nlohmann::json::parse(R"({"ok":true,"user":"alice","faces_off":false})"));
  EXPECT_EQ(on.err, "alice: face login is on\n");
  s.faces_off = true;
  const Ran still_off = s.run({"enable", "alice"});
  EXPECT_EQ(still_off.exit, 0) << "what was asked for was done";
  EXPECT_EQ(still_off.json()["faces_off"], true);
  EXPECT_NE(still_off.err.find("off for everybody; root ends that with: enroll-tool enable\n"), std::string::npos)
      << still_off.err;
  EXPECT_EQ(still_off.err.find("face login is on\n"), std::string::npos) << still_off.err;
}

TEST(Enable, AUserProvesHisPasswordOnTheSameConnection) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  Switches s;
  EXPECT_EQ(s.run({"enable", "--password-stdin"}, "right\n", kNobody).exit, 0);
  EXPECT_EQ(s.password, "right");
  EXPECT_EQ(s.keeper.seen(), (std::vector{Type::prove_password, Type::enable, Type::status}));
  EXPECT_EQ(s.keeper.connections(), 1);
}

TEST(Enable, AWrongPasswordSwitchesNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  Switches s;
  const Ran ran = s.run({"enable", "--password-stdin"}, "wrong\n", kNobody);
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.json()["error"], "wrong-password");
  EXPECT_EQ(s.keeper.seen(), (std::vector{Type::prove_password}));
}

TEST(Enable, WithoutATerminalOrStdinThereIsNoPassword) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  Switches s;
  const Ran ran = s.run({"enable"}, "right\n", kNobody);
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("--password-stdin"), std::string::npos);
  EXPECT_EQ(s.keeper.connections(), 0);
}

}  // namespace
}  // namespace faceauth::test
