// The command line itself; no keeper needed.
#include <gtest/gtest.h>

#include <fstream>

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
  };
  for (const Args& args : mistakes) {
    const Ran ran = run_tool(args);
    EXPECT_EQ(ran.exit, 2) << ::testing::PrintToString(args) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err.substr(0, 13), "enroll-tool: ");
  }
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
  const std::string command = "'" + std::string(ENROLL_TOOL) + "' --json --quiet --config " + keeper.config() +
                              " unlock alice > /dev/full 2>&1";
  EXPECT_EQ(WEXITSTATUS(std::system(command.c_str())), 70);
}

}  // namespace
}  // namespace faceauth::test
