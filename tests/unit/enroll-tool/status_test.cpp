#include <gtest/gtest.h>
#include <unistd.h>

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
  EXPECT_EQ(json.json(),
            nlohmann::json::parse(R"({"version":"0.1.0","ready":true,"faces_off":false,"camera":"/dev/video0",
    "models":["fr_feature","fr_liveness"],"store":{"users":3,"templates":9,"bytes":65536},
    "eye":{"pid":4711,"restarts":2}})"));
  const Ran page = run_tool({"--config", keeper.config(), "status"});
  EXPECT_EQ(page.exit, 0);
  EXPECT_NE(page.out.find("3 users, 9 templates, 64 KiB"), std::string::npos) << page.out;
  EXPECT_NE(page.out.find("  models   fr_feature, fr_liveness\n"), std::string::npos) << page.out;
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

TEST(Status, ThePageNamesModelsAndLeavesHashesToPrograms) {
  const std::string cut = "dlib_face_recognition_resnet_m:0123456789abcdef0123456789abcdef";
  FakeKeeper keeper([&](Peer& peer, const Request&) {
    wire::StatusResult s = healthy();
    s.models[0] = text(cut);
    s.models[1] = {"fr_feature:fedcba98", 19};
    peer.ack();
    peer.answer(wire::Type::status_result, s);
  });
  const std::string page = run_tool({"--config", keeper.config(), "status"}).out;
  EXPECT_NE(page.find("  models   dlib_face_recognition_resnet, fr_feature\n"), std::string::npos) << page;
  EXPECT_EQ(run_tool({"--config", keeper.config(), "status", "--json"}).json()["models"][0], cut);
}

TEST(Status, SaysThatFacesAreOffForEverybody) {
  bool off = true;
  FakeKeeper keeper([&](Peer& peer, const Request&) {
    wire::StatusResult s = healthy();
    s.faces_off = off;
    peer.ack();
    peer.answer(wire::Type::status_result, s);
  });
  EXPECT_EQ(run_tool({"--config", keeper.config(), "status", "--json"}).json()["faces_off"], true);
  EXPECT_NE(run_tool({"--config", keeper.config(), "status"}).out.find("OFF for everybody"), std::string::npos);
  off = false;
  EXPECT_EQ(run_tool({"--config", keeper.config(), "status"}).out.find("OFF"), std::string::npos);
}

TEST(Status, TellsAUserWhatKeepsHisFaceOut) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  bool everybody = false, disabled = false;
  std::string model = "fr_feature:1";
  FakeKeeper keeper([&](Peer& peer, const Request& request) {
    peer.ack();
    if (request.type == wire::Type::status) {
      wire::StatusResult s = healthy();
      s.faces_off = everybody;
      return peer.answer(wire::Type::status_result, s);
    }
    wire::ListUser user;
    user.user = request.body<wire::ListBegin>().user;
    user.disabled = disabled || everybody;
    user.templates = 1;
    peer.answer(wire::Type::list_user, user);
    wire::ListTemplate one;
    one.model = text(model);
    peer.answer(wire::Type::list_template, one);
    peer.done();
  });
  const auto page = [&] { return run_tool({"--config", keeper.config(), "status"}, "", kNobody).out; };
  EXPECT_NE(page().find("1 face, no password, face login on\n"), std::string::npos) << page();
  model = wire::kDlibOnly;
  EXPECT_NE(page().find("waiting for a scan: enroll-tool enroll nobody\n"), std::string::npos) << page();
  disabled = true;
  EXPECT_NE(page().find("face login off: enroll-tool enable nobody\n"), std::string::npos) << page();
  everybody = true;
  EXPECT_NE(page().find("face login off for everybody\n"), std::string::npos) << page();
  EXPECT_EQ(page().find("enable nobody"), std::string::npos) << "it would not help";
}

TEST(Status, Refused) {
  FakeKeeper keeper([](Peer& peer, const Request&) { peer.refuse(Errc::internal, "broken"); });
  const Ran ran = run_tool({"--config", keeper.config(), "status", "--json"});
  EXPECT_EQ(ran.exit, 70);
  EXPECT_EQ(ran.json()["message"], "broken");
}

}  // namespace
}  // namespace faceauth::test
