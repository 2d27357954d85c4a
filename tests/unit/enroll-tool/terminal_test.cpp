// The password prompt on a real pseudo-terminal: echo, signals, mistakes.
#include <gtest/gtest.h>
#include <tests/support/built.h>

#include <csignal>
#include <filesystem>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using wire::Type;

struct Passwords {
  std::string set;
  FakeKeeper keeper{[this](Peer& peer, const Request& request) {
    peer.ack();
    if (request.type == Type::list)
      peer.answer(Type::list_user, wire::ListUser{request.body<wire::ListBegin>().user});
    else
      set = str(request.body<wire::SetPassword>().password);
    peer.done();
  }};
};

struct Prompted : Passwords {
  OnTerminal tool{{"--config", keeper.config(), "passwd", "alice"}};
};

TEST(Terminal, EchoIsOffWhileTypingAndBackAfterwards) {
  Prompted p;
  EXPECT_TRUE(p.tool.echoes());
  ASSERT_TRUE(p.tool.await("New password: "));
  EXPECT_FALSE(p.tool.echoes());
  p.tool.type("abc\n");
  ASSERT_TRUE(p.tool.await("again: "));
  EXPECT_FALSE(p.tool.echoes());
  p.tool.type("abc\n");
  EXPECT_EQ(p.tool.finish().exit, 0) << p.tool.screen();
  EXPECT_TRUE(p.tool.echoes());
  EXPECT_EQ(p.set, "abc");
  EXPECT_EQ(p.tool.screen().find("abc"), std::string::npos);
}

TEST(Terminal, EchoIsBackAfterEverySignalThatEnds) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    Prompted p;
    ASSERT_TRUE(p.tool.await("New password: "));
    ASSERT_FALSE(p.tool.echoes());
    p.tool.signal(number);
    const Ran ran = p.tool.finish();
    EXPECT_EQ(ran.signal, number);
    EXPECT_TRUE(p.tool.echoes()) << number;
    EXPECT_EQ(p.set, "");
  }
}

TEST(Terminal, ControlCAtThePrompt) {
  Prompted p;
  ASSERT_TRUE(p.tool.await("New password: "));
  p.tool.type("half\x03");
  EXPECT_EQ(p.tool.finish().signal, SIGINT);
  EXPECT_TRUE(p.tool.echoes());
}

TEST(Terminal, ABackupLeftAtItsPromptLeavesNothing) {
  if (::geteuid() != 0) GTEST_SKIP() << "backups are root's";
  Passwords p;
  const std::string folder = p.keeper.dir() / "backups";
  ASSERT_EQ(::mkdir(folder.c_str(), 0700), 0);
  OnTerminal tool({"--config", p.keeper.config(), "backup", folder + "/everybody"});
  ASSERT_TRUE(tool.await("Passphrase for the backup: "));
  tool.signal(SIGINT);
  EXPECT_EQ(tool.finish().signal, SIGINT);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

// Under a shell with job control: the kernel stops nobody who has no parent to continue him.
TEST(Terminal, StoppedAndContinuedItAsksAgain) {
  Passwords p;
  OnTerminal shell({"-c", "set -m; '" + std::string(built::kTool) + "' --config " + p.keeper.config() +
                              " passwd alice; echo it stopped; read line; fg; exit $?"},
                   kSame, "/bin/sh");
  ASSERT_TRUE(shell.await("New password: "));
  EXPECT_FALSE(shell.echoes());
  shell.type("ab\x1a");
  ASSERT_TRUE(shell.await("it stopped")) << shell.screen();
  EXPECT_TRUE(shell.echoes());
  shell.type("go on\n");
  ASSERT_TRUE(shell.await("New password: ")) << shell.screen();
  EXPECT_FALSE(shell.echoes());
  shell.type("abc\n");
  ASSERT_TRUE(shell.await("again: "));
  shell.type("abc\n");
  EXPECT_EQ(shell.finish().exit, 0) << shell.screen();
  EXPECT_TRUE(shell.echoes());
  EXPECT_EQ(p.set, "abc");
}

TEST(Terminal, ASlipIsForgivenTwice) {
  Prompted p;
  for (const char* second : {"abd", "abc"}) {
    ASSERT_TRUE(p.tool.await("New password: "));
    p.tool.type("abc\n");
    ASSERT_TRUE(p.tool.await("again: "));
    p.tool.type(std::string(second) + "\n");
  }
  EXPECT_EQ(p.tool.finish().exit, 0);
  EXPECT_EQ(p.set, "abc");

  Prompted stubborn;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(stubborn.tool.await("New password: "));
    stubborn.tool.type("abc\n");
    ASSERT_TRUE(stubborn.tool.await("again: "));
    stubborn.tool.type("xyz\n");
  }
  EXPECT_EQ(stubborn.tool.finish().exit, 2);
  EXPECT_EQ(stubborn.set, "");
}

TEST(Terminal, EmptyEndedAndTooLong) {
  for (const std::string& typed : {std::string("\n"), std::string("\x04"), std::string(600, 'p') + "\n"}) {
    Prompted p;
    ASSERT_TRUE(p.tool.await("New password: "));
    p.tool.type(typed);
    EXPECT_EQ(p.tool.finish().exit, 2) << p.tool.screen();
    EXPECT_TRUE(p.tool.echoes());
    EXPECT_EQ(p.set, "");
  }
}

TEST(Terminal, WithoutOneTheWayOutIsNamed) {
  FakeKeeper keeper([](Peer& peer, const Request& request) {
    peer.ack();
    peer.answer(Type::list_user, wire::ListUser{request.body<wire::ListBegin>().user});
    peer.done();
  });
  const Ran ran = run_tool({"--config", keeper.config(), "passwd", "alice"});
  EXPECT_EQ(ran.exit, 2);
  EXPECT_NE(ran.err.find("use --password-stdin"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace faceauth::test
