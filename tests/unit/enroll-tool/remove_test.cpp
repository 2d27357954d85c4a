#include <gtest/gtest.h>
#include <unistd.h>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using wire::Type;

TEST(Remove, AUserOrATemplate) {
  std::string user, label;
  FakeKeeper keeper([&](Peer& peer, const Request& request) {
    const auto body = request.body<wire::Remove>();
    EXPECT_TRUE(request.decoded_);
    user = str(body.user);
    label = str(body.label);
    peer.ack();
    peer.done();
  });
  const Ran all = run_tool({"--config", keeper.config(), "remove", "alice", "--json"});
  EXPECT_EQ(all.exit, 0);
  EXPECT_EQ(all.json(), nlohmann::json::parse(R"({"ok":true,"user":"alice"})"));
  EXPECT_EQ(user, "alice");
  EXPECT_EQ(label, "");
  EXPECT_EQ(run_tool({"--config", keeper.config(), "remove", "alice", "--label", "glasses"}).exit, 0);
  EXPECT_EQ(label, "glasses");
}

TEST(Remove, NobodyOfThatName) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    peer.refuse(Errc::not_found);
  });
  const Ran ran = run_tool({"--config", keeper.config(), "--json", "remove", "bob"});
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.json()["error"], "not-found");
  EXPECT_NE(ran.err.find("enroll-tool list"), std::string::npos);
}

TEST(Remove, AUserHimselfAfterHisPassword) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  FakeKeeper keeper([](Peer& peer, const Request& request) {
    peer.ack();
    if (request.type == Type::prove_password && str(request.body<wire::ProvePassword>().password) != "right")
      peer.refuse(Errc::wrong_password);
    else
      peer.done();
  });
  const Args args{"--config", keeper.config(), "remove", "nobody", "--password-stdin"};
  EXPECT_EQ(run_tool(args, "wrong", kNobody).exit, 3);
  EXPECT_EQ(keeper.seen(), (std::vector{Type::prove_password}));
  EXPECT_EQ(run_tool(args, "right", kNobody).exit, 0);
  EXPECT_EQ(keeper.seen(), (std::vector{Type::prove_password, Type::prove_password, Type::remove}));
}

}  // namespace
}  // namespace faceauth::test
