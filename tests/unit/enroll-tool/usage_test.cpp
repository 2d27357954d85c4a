// The command line itself; no keeper needed.
#include <gtest/gtest.h>
#include <tests/support/built.h>

#include <unistd.h>

#include <fstream>
#include <iterator>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

TEST(Usage, MistakesAreExitTwoWithWordsOnStderr) {
  const Args mistakes[] = {
      {},
      {"frobnicate"},
      {"enroll"},
      {"enroll", "alice", "bob"},
      {"enroll", ""},
      {"enroll", std::string(256, 'a')},
      {"enroll", "alice", "--label", std::string(65, 'l')},
      {"enroll", "alice", "--label", ""},
      {"enroll", "alice", "--image"},
      {"passwd", "alice", "--force"},
      {"verify"},
      {"unlock"},
      {"remove"},
      {"status", "alice"},
      {"--config", "/does/not/exist.toml", "status"},
      {"log", "--verify", "--failed"},
      {"rekey", "--with-key", "null"},
      {"backup"},
      {"restore"},
      {"restore", "f", "--merge", "--replace"},
      {"cameras", "alice"},
      {"preview", "--graphics", "ascii"},
      {"enroll", "alice", "--pictures"},
      {"doctor", "alice"},
      {"import-howdy", "a", "b"},
      {"log", "--last", "0"},
      {"log", "--last", "-1"},
      {"log", "--last", "1e3"},
  };
  for (const Args& args : mistakes) {
    const Ran ran = run_tool(args);
    EXPECT_EQ(ran.exit, 2) << ::testing::PrintToString(args) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err.substr(0, 13), "enroll-tool: ");
  }
}

TEST(Usage, AVerbThatIsNoneIsNamedWithTheOneThatWasMeant) {
  const auto told = [](const Args& args) {
    const Ran ran = run_tool(args);
    EXPECT_EQ(ran.exit, 2);
    return ran.err;
  };
  EXPECT_EQ(told({"enrol", "alice"}),
            "enroll-tool: there is no verb \"enrol\"; is \"enroll\" meant? (--help tells more)\n");
  EXPECT_EQ(told({"frobnicate"}), "enroll-tool: there is no verb \"frobnicate\" (--help tells more)\n");
  EXPECT_NE(told({"--config", "stauts", "stauts"}).find("is \"status\" meant?"), std::string::npos);
  EXPECT_NE(told({"login", "enabel", "sudo"}).find("\"enabel\"; is \"enable\" meant?"), std::string::npos);
  EXPECT_NE(told({"--quiet"}).find("subcommand"), std::string::npos) << "there is no word to name";
  const std::string message = run_tool({"--json", "frob"}).json()["message"];
  EXPECT_EQ(message.find("there is no verb \"frob\""), 0u) << message;
}

TEST(Usage, ANumberOutOfBoundsIsToldInAShortLine) {
  for (const char* count : {"0", "-1", "99999999999999999999"}) {
    const Ran ran = run_tool({"log", "--last", count});
    EXPECT_EQ(ran.exit, 2);
    EXPECT_LT(ran.err.size(), 110u) << ran.err;
  }
}

TEST(Usage, APassphraseThatNobodyCanBeAskedForNamesItsOwnOption) {
  if (::geteuid() != 0) GTEST_SKIP() << "backups are root's";
  FakeKeeper keeper([](Peer& peer, const Request&) { peer.ack(); });
  const Ran ran = run_tool({"--config", keeper.config(), "backup", keeper.dir() / "b"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("passphrase; use --passphrase-stdin"), std::string::npos) << ran.err;
  EXPECT_EQ(keeper.connections(), 0);
}

TEST(Usage, ABackupIsRootsAndNeverTakesAFilesPlace) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  FakeKeeper keeper([](Peer& peer, const Request&) { peer.ack(); });
  const std::string old = keeper.dir().write("old", "an earlier one");
  const Ran other = run_tool({"--config", keeper.config(), "backup", "/tmp/none"}, "", kNobody);
  EXPECT_EQ(other.exit, 3) << other.err << "before anybody is asked for a passphrase";
  EXPECT_EQ(run_tool({"--config", keeper.config(), "restore", old}, "", kNobody).exit, 3);
  const Ran again = run_tool({"--config", keeper.config(), "backup", old, "--passphrase-stdin"}, "words\n");
  EXPECT_EQ(again.exit, 2);
  EXPECT_NE(again.err.find("is there already"), std::string::npos) << again.err;
  std::ifstream kept(old);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(kept), {}), "an earlier one");
}

TEST(Usage, OptionsThatServeASealedKeyAreRefusedForAKeyFile) {
  if (::geteuid() != 0) GTEST_SKIP() << "the keys are root's";
  bool changed = false;
  FakeKeeper keeper([&](Peer& peer, const Request& request) {
    peer.ack();
    if (request.body<wire::Rekey>().settle) return peer.refuse(Errc::invalid_argument, "the master key is a file");
    changed = true;
    peer.answer(wire::Type::rekeyed, wire::Rekeyed{});
  });
  for (const Args& option : {Args{"--with-key", "tpm2"}, Args{"--with-key", "auto"}, Args{"--credential", "/nope"}}) {
    const Ran ran = run_tool({"--config", keeper.config(), "rekey", option[0], option[1]});
    EXPECT_EQ(ran.exit, 2) << option[0];
    EXPECT_NE(ran.err.find(option[0]), std::string::npos) << ran.err;
    EXPECT_FALSE(changed);
  }
  EXPECT_EQ(run_tool({"--config", keeper.config(), "rekey"}).exit, 0);
  EXPECT_TRUE(changed);
}

TEST(Usage, PicturesWithoutTheirEventsAreRefused) {
  const Ran ran = run_tool({"preview", "--pictures"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("--json"), std::string::npos) << ran.err;
}

TEST(Usage, WithJsonAMistakeIsOneObjectToo) {
  for (const Args& args : {Args{"--json", "enroll"}, Args{"enroll", "--json"}, Args{"frobnicate", "--json"}}) {
    const Ran ran = run_tool(args);
    EXPECT_EQ(ran.exit, 2);
    EXPECT_EQ(ran.json()["error"], "invalid-argument");
    EXPECT_NE(ran.json()["message"], "");
  }
}

TEST(Usage, HelpNamesEveryVerb) {
  const Ran ran = run_tool({"--help"});
  EXPECT_EQ(ran.exit, 0);
  for (const char* verb :
       {"enroll", "passwd", "list", "remove", "unlock", "verify", "identify", "status", "disable", "enable", "log",
        "doctor", "import-howdy", "rekey", "backup", "restore", "login", "cameras", "preview"})
    EXPECT_NE(ran.out.find(std::string("  ") + verb + " "), std::string::npos) << verb;
  EXPECT_EQ(run_tool({"enroll", "--help"}).exit, 0);
}

TEST(Usage, Version) {
  const Ran ran = run_tool({"--version"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.out.substr(0, 12), "enroll-tool ");
}

TEST(Usage, GlobalOptionsWorkBeforeAndAfterTheVerb) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    peer.done();
  });
  EXPECT_EQ(run_tool({"--config", keeper.config(), "--json", "unlock", "alice"}).json()["ok"], true);
  const Ran after = run_tool({"unlock", "alice", "--json", "--quiet", "--config", keeper.config()});
  EXPECT_EQ(after.exit, 0);
  EXPECT_EQ(after.json()["ok"], true);
  EXPECT_EQ(after.err, "");
}

TEST(Usage, AUserMayBeNamedLikeAVerb) {
  std::string user;
  FakeKeeper keeper([&](Peer& peer, const Request& request) {
    user = str(request.body<wire::UserOnly>().user);
    peer.ack();
    peer.done();
  });
  EXPECT_EQ(run_tool({"--config", keeper.config(), "unlock", "list"}).exit, 0);
  EXPECT_EQ(user, "list");
}

TEST(Usage, AFullDiskUnderStdoutIsNotSuccess) {
  FakeKeeper keeper([](Peer& peer, const Request&) {
    peer.ack();
    peer.done();
  });
  const std::string command = "'" + std::string(built::kTool) + "' --json --quiet --config " + keeper.config() +
                              " unlock alice > /dev/full 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 70);
}

}  // namespace
}  // namespace faceauth::test
