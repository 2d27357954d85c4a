// The ledger: what real requests leave in it, who may read it, and that damage to it is told.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <fstream>

namespace faceauth::test {
namespace {

using nlohmann::json;

constexpr uid_t kAnn = 20000, kBob = 20001;

class LedgerOfDaemon : public testing::Test {
 protected:
  LedgerOfDaemon() : daemon({.timeout_s = 2, .users = {"ann", "bob"}}) {}

  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    enroll("ann", 11);
  }
  void enroll(const std::string& user, int seed) {
    const std::string photo = daemon.text_image(user + ".txt", "face " + std::to_string(seed));
    const Ran ran = tool(daemon, {"enroll", user, "--image", photo, "--password-stdin"}, user + "'s password\n");
    ASSERT_EQ(ran.code, 0) << ran.err << daemon.log();
  }
  json entries(std::vector<std::string> arguments = {}, uid_t uid = 0) {
    arguments.insert(arguments.begin(), {"--json", "log"});
    const Ran ran = tool(daemon, arguments, {}, uid);
    EXPECT_EQ(ran.code, 0) << ran.out << ran.err << daemon.log();
    return ran.code == 0 ? json::parse(ran.out)["entries"] : json::array();
  }
  json verified(int code) {
    const Ran ran = tool(daemon, {"--json", "log", "--verify"});
    EXPECT_EQ(ran.code, code) << ran.out << ran.err;
    return json::parse(ran.out);
  }
  static std::string kinds(const json& all) {
    std::string text;
    for (const json& e : all) text += (text.empty() ? "" : " ") + e["kind"].get<std::string>();
    return text;
  }

  Daemon daemon;
};

TEST_F(LedgerOfDaemon, EveryChangeAndEveryVerdictIsRecordedWithWhoAsked) {
  daemon.show_text("face 11");
  ASSERT_EQ(login(daemon, "ann", {.service = "sudo"}).code, PAM_SUCCESS) << daemon.log();
  daemon.show_text("face 99");
  ASSERT_EQ(login(daemon, "ann", {.service = "su"}).code, PAM_AUTH_ERR);
  EXPECT_EQ(tool(daemon, {"passwd", "ann", "--password-stdin"}, "another\n").code, 0);
  EXPECT_EQ(tool(daemon, {"disable", "ann"}).code, 0);
  EXPECT_EQ(tool(daemon, {"enable", "ann"}).code, 0);
  EXPECT_EQ(tool(daemon, {"disable"}).code, 0);
  EXPECT_EQ(tool(daemon, {"enable"}).code, 0);
  EXPECT_EQ(tool(daemon, {"unlock", "ann"}).code, 0);
  EXPECT_EQ(tool(daemon, {"verify", "ann", "--password-stdin"}, "another\n").code, 0);
  EXPECT_EQ(tool(daemon, {"identify", "--image", daemon.text_image("who", "face 11")}).code, 0);
  EXPECT_EQ(tool(daemon, {"remove", "ann"}).code, 0);
  const json all = entries();
  EXPECT_EQ(kinds(all), "enroll login login passwd disable enable disable enable unlock verify identify remove");
  ASSERT_EQ(all.size(), 12U);
  EXPECT_EQ(all[1]["user"], "ann");
  EXPECT_EQ(all[1]["uid"], kAnn);
  EXPECT_EQ(all[1]["verdict"], "match");
  EXPECT_EQ(all[1]["service"], "sudo");
  EXPECT_EQ(all[1]["peer_uid"], 0);
  EXPECT_GT(all[1]["peer_pid"], 0);
  EXPECT_EQ(all[2]["verdict"], "no-match");
  EXPECT_EQ(all[6]["user"], nullptr) << "everybody";
  EXPECT_EQ(all[11]["outcome"], "done");
  for (const json& e : all)
    for (const char* secret : {"distance", "threshold", "liveness", "margin", "score"})
      EXPECT_FALSE(e.contains(secret)) << secret;
  EXPECT_EQ(verified(0)["entries"], 12);

  EXPECT_EQ(entries({"--failed"}).size(), 1U);
  EXPECT_EQ(entries({"--service", "sudo"}).size(), 1U);
  EXPECT_EQ(entries({"--since", "1h"}).size(), 12U);
  EXPECT_EQ(entries({"--since", "2100-01-01"}).size(), 0U);
  EXPECT_EQ(entries({"bob"}).size(), 0U);
  EXPECT_EQ(tool(daemon, {"log", "--since", "yesterday"}).code, 2);
}

TEST_F(LedgerOfDaemon, ALockoutIsAnEntryOfItsOwn) {
  daemon.show_text("face 99");
  for (int i = 0; i < 5; ++i) ASSERT_EQ(login(daemon, "ann").code, PAM_AUTH_ERR);
  ASSERT_EQ(login(daemon, "ann").code, PAM_MAXTRIES);
  EXPECT_EQ(kinds(entries()), "enroll login login login login lockout login login");
  const json lockout = entries()[5];
  EXPECT_EQ(lockout["user"], "ann");
  EXPECT_EQ(lockout["peer_uid"], nullptr) << "the daemon's own";
}

TEST_F(LedgerOfDaemon, SomebodySeesHisOwnEntriesAndNobodyElses) {
  enroll("bob", 22);
  daemon.show_text("face 11");
  ASSERT_EQ(login(daemon, "ann").code, PAM_SUCCESS);
  EXPECT_EQ(kinds(entries({"ann"}, kAnn)), "enroll login");
  EXPECT_EQ(kinds(entries({"bob"}, kBob)), "enroll");
  EXPECT_EQ(tool(daemon, {"log", "ann"}, {}, kBob).code, 3);
  EXPECT_EQ(tool(daemon, {"log", "--verify"}, {}, kAnn).code, 3);
  WireClient everybody(daemon.socket());
  ASSERT_TRUE(everybody.send(wire::Type::log, wire::LogBegin{}));
  const auto first = everybody.answer();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->header.type, wire::Type::log_entry) << "root sees everybody's";
  // What was refused is recorded too.
  const json refused = entries({"--failed"});
  ASSERT_EQ(refused.size(), 2U);
  EXPECT_EQ(refused[0]["kind"], "refused");
  EXPECT_EQ(refused[0]["user"], "ann");
  EXPECT_EQ(refused[0]["peer_uid"], kBob);
}

TEST_F(LedgerOfDaemon, AFloodIsCountedAndPushesNothingOut) {
  for (int i = 0; i < 60; ++i) EXPECT_EQ(tool(daemon, {"unlock", "ann"}, {}, kBob).code, 3);
  const json refused = entries({"--failed"});
  EXPECT_LT(refused.size(), 60U);
  EXPECT_GE(refused.size(), 20U);
  EXPECT_EQ(verified(0)["intact"], true);
}

TEST_F(LedgerOfDaemon, SurvivesRestartsAndKills) {
  const std::string head = verified(0)["head"];
  daemon.kill9();
  ASSERT_TRUE(daemon.start());
  EXPECT_EQ(verified(0)["head"], head);
  EXPECT_EQ(daemon.stop(), 0);
  ASSERT_TRUE(daemon.start());
  EXPECT_EQ(verified(0)["head"], head);
}

// A byte of the newest entry, changed on the disk while nobody looks.
TEST_F(LedgerOfDaemon, DamageOnTheDiskIsToldAndLoginsGoOn) {
  ASSERT_EQ(daemon.stop(), 0);
  const std::string path = (daemon.dir() / "store/data.mdb").string();
  std::ifstream in(path, std::ios::binary);
  std::string data{std::istreambuf_iterator<char>(in), {}};
  // The key of entry 1 in LMDB's leaf; whatever follows it is the entry.
  const std::string key("\0\0\0\0\0\0\0\1\1", 9);
  const std::size_t at = data.rfind(key);
  ASSERT_NE(at, std::string::npos);
  for (std::size_t found = data.find(key); found != std::string::npos; found = data.find(key, found + 1))
    data[found + 60] = static_cast<char>(data[found + 60] ^ 1);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << data;
  ASSERT_TRUE(daemon.start()) << daemon.log();
  const json check = verified(1);
  EXPECT_EQ(check["intact"], false);
  EXPECT_EQ(check["broken_at"], 1);
  daemon.show_text("face 11");
  EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS);
  EXPECT_EQ(tool(daemon, {"disable", "ann"}).code, 0) << "and so do changes, behind an entry that tells of the break";
  EXPECT_EQ(kinds(entries()), "damaged broken login disable");
}

}  // namespace
}  // namespace faceauth::test
