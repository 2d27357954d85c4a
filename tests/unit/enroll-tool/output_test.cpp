// Colours: on a terminal, unless it or its owner does not want them, and never from names that others chose.
#include <enroll-tool/output.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

class Colours : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
  }
  void TearDown() override { ::unsetenv("NO_COLOR"); }
  FakeKeeper keeper{[](Peer& peer, const Request&) {
    wire::StatusResult s;
    s.version = {"0.1.0", 5};
    s.ready = true;
    peer.ack();
    peer.answer(wire::Type::status_result, s);
  }};
  std::string on_terminal() const {
    OnTerminal terminal({"--config", keeper.config(), "status"});
    terminal.finish();
    return terminal.screen();
  }
};

TEST_F(Colours, OnATerminal) { EXPECT_NE(on_terminal().find("\033[32mready\033[0m"), std::string::npos); }

TEST_F(Colours, NotInAPipe) {
  const Ran ran = run_tool({"--config", keeper.config(), "status"});
  EXPECT_EQ(ran.out.find('\033'), std::string::npos);
  EXPECT_NE(ran.out.find("faceauth 0.1.0: ready"), std::string::npos) << ran.out;
}

TEST_F(Colours, NotWithNoColorOrOnADumbTerminal) {
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(on_terminal().find("\033["), std::string::npos);
  ::setenv("NO_COLOR", "", 1);  // empty counts as not set
  EXPECT_NE(on_terminal().find("\033["), std::string::npos);
  ::setenv("TERM", "dumb", 1);
  EXPECT_EQ(on_terminal().find("\033["), std::string::npos);
}

TEST_F(Colours, ALongLineInAFileIsNotWrapped) {
  const std::string text = "one two three four five six seven eight nine ten eleven twelve";
  enroll::Output out;
  ::testing::internal::CaptureStdout();
  out.show_wrapped({{enroll::Tone::plain, "lead "}}, 5, text);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "lead " + text + "\n") << "a file has no width";
}

TEST(Painted, ANameCannotSteerTheTerminal) {
  enroll::Output out;
  out.colour = true;
  EXPECT_EQ(out.painted({enroll::Tone::bad, "a\033[2Jb"}), "\033[1;31ma?[2Jb\033[0m");
  EXPECT_EQ(out.painted({enroll::Tone::plain, "a"}), "a");
  out.colour = false;
  EXPECT_EQ(out.painted({enroll::Tone::bad, "a"}), "a");
}

}  // namespace
}  // namespace faceauth::test
