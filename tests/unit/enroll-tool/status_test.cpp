#include <gtest/gtest.h>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

wire::StatusResult healthy() {
  wire::StatusResult s;
  s.version = {"0.1.0", 5};
  s.camera = {"/dev/video0", 11};
  s.ready = true;
  s.models[0] = {"fr_feature", 10};
  s.models[1] = {"fr_liveness", 11};
  return s;
}

TEST(Status, CountedForRoot) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    wire::StatusResult s = healthy();
    s.counted = true;
    s.users = 3;
    s.templates = 9;
    s.bytes = 65'536;
    s.eye_pid = 4711;
    s.eye_restarts = 2;
    peer.ack();
    peer.answer(wire::Type::status_result, s);
  });
  const Ran json = run_tool({"--config", keeper.config(), "status", "--json"});
  EXPECT_EQ(json.exit, 0);
  EXPECT_EQ(json.json(), nlohmann::json::parse(R"({"version":"0.1.0","ready":true,"camera":"/dev/video0",
    "models":["fr_feature","fr_liveness"],"store":{"users":3,"templates":9,"bytes":65536},
    "eye":{"pid":4711,"restarts":2}})"));
  const Ran page = run_tool({"--config", keeper.config(), "status"});
  EXPECT_EQ(page.exit, 0);
  EXPECT_NE(page.out.find("3 users, 9 templates, 64 KiB"), std::string::npos) << page.out;
  EXPECT_NE(page.out.find("  models   fr_feature\n           fr_liveness\n"), std::string::npos) << page.out;
  EXPECT_NE(page.out.find("pid 4711, 2 restarts"), std::string::npos);
}

TEST(Status, UncountedAndIdle) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    peer.answer(wire::Type::status_result, healthy());
  });
  const auto value = run_tool({"--config", keeper.config(), "status", "--json"}).json();
  EXPECT_EQ(value["store"], nlohmann::json::parse(R"({"users":null,"templates":null,"bytes":null})"));
  EXPECT_TRUE(value["eye"]["pid"].is_null());
  EXPECT_NE(run_tool({"--config", keeper.config(), "status"}).out.find("not running"), std::string::npos);
}

TEST(Status, Refused) {
  FakeKeeper keeper([](Peer& peer, const Request&) { peer.refuse(Errc::internal, "broken"); });
  const Ran ran = run_tool({"--config", keeper.config(), "status", "--json"});
  EXPECT_EQ(ran.exit, 70);
  EXPECT_EQ(ran.json()["message"], "broken");
}

}  // namespace
}  // namespace faceauth::test
