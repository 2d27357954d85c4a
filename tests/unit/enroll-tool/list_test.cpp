#include <gtest/gtest.h>
#include <unistd.h>

#include <sstream>
#include <string>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using wire::Type;

void tell_user(Peer& peer, const std::string& name, std::uint32_t templates, std::uint64_t locked_until = 0) {
  wire::ListUser user;
  user.user = text(name);
  user.uid = 1000;
  user.has_password = true;
  user.failures = locked_until == 0 ? 0 : 5;
  user.locked_until = locked_until;
  user.templates = templates;
  peer.answer(Type::list_user, user);
  for (std::uint32_t i = 0; i < templates; ++i) {
    wire::ListTemplate t;
    for (std::uint8_t& byte : t.id) byte = static_cast<std::uint8_t>(0xa0 + i);
    t.label = {"glasses\x1b[1m", 11};
    t.model = {"dlib+fr", 7};
    t.source = {"photo", 5};
    t.created = 1'714'564'800;
    peer.answer(Type::list_template, t);
  }
}

Ran list(const FakeKeeper& keeper, Args more = {}, uid_t as = kSame) {
  more.insert(more.begin(), {"--config", keeper.config(), "list"});
  return run_tool(more, "", as);
}

TEST(List, JsonShape) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    tell_user(peer, "alice", 1);
    tell_user(peer, "bob", 0, 1'714'564'830);
    peer.done();
  });
  const Ran ran = list(keeper, {"--json"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(ran.json(), nlohmann::json::parse(R"({"users":[
    {"user":"alice","uid":1000,"templates":[{"id":"a0a0a0a0a0a0a0a0","label":"glasses\u001b[1m",
      "created":"2024-05-01T12:00:00Z","model":"dlib+fr","source":"photo"}],
     "password":true,"failures":0,"locked_until":null,"disabled":false},
    {"user":"bob","uid":1000,"templates":[],
     "password":true,"failures":5,"locked_until":"2024-05-01T12:00:30Z","disabled":false}]})"));
}

TEST(List, TableForPeople) {
  FakeKeeper keeper([](Peer& peer, const Request& request) {
    peer.ack();
    if (str(request.body<wire::ListBegin>().user) != "alice") tell_user(peer, "bob", 0, 1'714'564'830);
    tell_user(peer, "alice", 2);
    peer.done();
  });
  const Ran all = list(keeper);
  EXPECT_EQ(all.exit, 0);
  EXPECT_EQ(all.out.substr(0, 4), "USER");
  EXPECT_NE(all.out.find("locked until 2024-05-01T12:00:30Z, 5 failures"), std::string::npos) << all.out;
  EXPECT_EQ(all.out.find("glasses"), std::string::npos);
  const Ran one = list(keeper, {"alice"});
  EXPECT_NE(one.out.find("a1a1a1a1a1a1a1a1"), std::string::npos);
  EXPECT_NE(one.out.find("glasses?[1m"), std::string::npos) << "a label must not steer the terminal";
}

TEST(List, ThousandsOfUsers) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    for (int i = 0; i < 5000; ++i) tell_user(peer, "user" + std::to_string(i), 3);
    peer.done();
  });
  const Ran ran = list(keeper, {"--json"});
  EXPECT_EQ(ran.exit, 0);
  const auto users = ran.json()["users"];
  ASSERT_EQ(users.size(), 5000u);
  EXPECT_EQ(users[4999]["user"], "user4999");
  EXPECT_EQ(users[4999]["templates"].size(), 3u);
}

// More than it keeps in memory: what waited in a file comes first, and all of it.
TEST(List, AListOfMegabytesComesWholeAndInOrder) {
  constexpr int kUsers = 40'000;
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    for (int i = 0; i < kUsers; ++i) tell_user(peer, "user" + std::to_string(100'000 + i), 0);
    peer.done();
  });
  const Ran rows = list(keeper);
  EXPECT_EQ(rows.exit, 0) << rows.err;
  ASSERT_GT(rows.out.size(), 2u << 20);
  std::istringstream lines(rows.out);
  std::string line;
  std::getline(lines, line);
  int seen = 0;
  for (; std::getline(lines, line); ++seen)
    ASSERT_TRUE(line.starts_with("user" + std::to_string(100'000 + seen) + " ")) << line;
  EXPECT_EQ(seen, kUsers);
  EXPECT_EQ(list(keeper, {"--json"}).json()["users"].size(), static_cast<std::size_t>(kUsers));
}

TEST(List, NobodyIsRegistered) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    peer.done();
  });
  const Ran ran = list(keeper, {"--json"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.json(), nlohmann::json::parse(R"({"users":[]})"));
  EXPECT_EQ(list(keeper).err, "nobody is registered\n");
  EXPECT_EQ(list(keeper, {"bob"}).exit, 4);
  EXPECT_EQ(list(keeper, {"bob", "--json"}).json()["error"], "not-found");
}

TEST(List, NoSuchUser) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    peer.refuse(Errc::not_found, "bob is not registered");
  });
  const Ran ran = list(keeper, {"bob", "--json"});
  EXPECT_EQ(ran.exit, 4);
  EXPECT_EQ(ran.json()["message"], "bob is not registered");
}

TEST(List, BrokenOffHalfWayIsAnErrorAlone) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    tell_user(peer, "alice", 1);
    peer.refuse(Errc::corrupt, "record 7 \"x\"");
  });
  const Ran ran = list(keeper, {"--json"});
  EXPECT_EQ(ran.exit, 70);
  EXPECT_EQ(ran.json(), nlohmann::json::parse(R"({"error":"corrupt","message":"record 7 \"x\""})"));
  EXPECT_EQ(list(keeper).out, "") << "half a table could be taken for the whole";
}

TEST(List, MoreTemplatesThanAnybodyCanHave) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    wire::ListUser user;
    user.user = {"eve", 3};
    user.templates = 0xffffffff;
    peer.ack();
    peer.answer(Type::list_user, user);
  });
  EXPECT_EQ(list(keeper).exit, 70);
}

TEST(List, AnybodyElseSeesHimself) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  std::string asked = "untouched";
  FakeKeeper keeper([&](Peer& peer, const Request& request) {
    asked = str(request.body<wire::ListBegin>().user);
    if (asked != "nobody") return peer.refuse(Errc::not_permitted);
    peer.ack();
    tell_user(peer, "nobody", 1);
    peer.done();
  });
  EXPECT_EQ(list(keeper, {}, kNobody).exit, 0);
  EXPECT_EQ(asked, "nobody");
  EXPECT_EQ(list(keeper, {"alice"}, kNobody).exit, 3);
}

}  // namespace
}  // namespace faceauth::test
