// preview on a real pseudo-terminal and as events: what is shown, what ends it, and that the terminal is as before.
#include <enroll-tool/fd.h>
#include <faceauth/picture.h>
#include <faceauth/pose.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <sstream>
#include <utility>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using wire::Type;

// A red picture of 8 by 6 pixels.
class RedPicture {
 public:
  RedPicture() : fd_(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
    EXPECT_EQ(::ftruncate(fd_.get(), picture::kBytes), 0);
    EXPECT_EQ(::fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
    const picture::Header header{2, 8, 6, 640, 480};
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < 48; ++i) pixels.insert(pixels.end(), {250, 0, 0});
    EXPECT_GT(::pwrite(fd_.get(), &header, sizeof header, 0), 0);
    EXPECT_GT(::pwrite(fd_.get(), pixels.data(), pixels.size(), picture::kPixelsAt), 0);
  }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  enroll::Fd fd_;
};

wire::View view_of(FaceIssue issue) {
  wire::View view;
  view.issue = issue;
  view.faces = issue == FaceIssue::no_face ? 0 : 1;
  view.box[2] = 300;
  view.box[3] = 300;
  return view;
}

// Shows one picture, then waits for the person to leave.
struct Shown {
  RedPicture picture;
  FaceIssue issue = FaceIssue::too_dark;
  FakeKeeper keeper{[this](Peer& peer, const Request& request) {
    EXPECT_EQ(request.type, Type::preview_begin);
    peer.ack();
    peer.picture(picture.fd());
    peer.answer(Type::view, view_of(issue));
    peer.wait_for_close();
  }};
};

struct OnPage : Shown {
  OnTerminal tool{{"--config", keeper.config(), "preview", "--graphics", "blocks"}};
};

TEST(PreviewPage, ShowsThePictureAndWhatToChange) {
  OnPage p;
  ASSERT_TRUE(p.tool.await("too dark: turn on a light")) << p.tool.screen();
  EXPECT_NE(p.tool.screen().find("38;2;250;0;0"), std::string::npos) << "the picture";
  EXPECT_NE(p.tool.screen().find("38;2;250;190;40"), std::string::npos) << "the box, which is not yet green";
  EXPECT_FALSE(p.tool.echoes());
  p.tool.type("q");
  EXPECT_EQ(p.tool.finish().exit, 0) << p.tool.screen();
  EXPECT_TRUE(p.tool.echoes());
  EXPECT_NE(p.tool.screen().rfind("\x1b[?1049l"), std::string::npos) << "the page before it is back";
}

TEST(PreviewPage, ControlCAndEscapeEndItToo) {
  for (const char* key : {"\x03", "\x1b"}) {
    OnPage p;
    ASSERT_TRUE(p.tool.await("too dark"));
    p.tool.type(key);
    EXPECT_EQ(p.tool.finish().exit, 0);
    EXPECT_TRUE(p.tool.echoes());
  }
}

TEST(PreviewPage, OtherKeysDoNot) {
  OnPage p;
  ASSERT_TRUE(p.tool.await("too dark"));
  p.tool.type("x\x1b[A");
  ::usleep(300'000);
  EXPECT_FALSE(p.tool.echoes());
  p.tool.type("q");
  EXPECT_EQ(p.tool.finish().exit, 0);
}

TEST(PreviewPage, SignalsEndItAndLeaveTheTerminalAsItWas) {
  for (const int number : {SIGTERM, SIGHUP, SIGINT}) {
    OnPage p;
    ASSERT_TRUE(p.tool.await("too dark"));
    p.tool.signal(number);
    EXPECT_EQ(p.tool.finish().signal, number);
    EXPECT_TRUE(p.tool.echoes()) << number;
    EXPECT_NE(p.tool.screen().rfind("\x1b[?1049l"), std::string::npos);
  }
}

TEST(PreviewPage, IsDrawnAnewWhenTheTerminalChangesItsSize) {
  OnPage p;
  ASSERT_TRUE(p.tool.await("too dark"));
  p.tool.signal(SIGWINCH);
  EXPECT_TRUE(p.tool.await("\x1b[2J")) << "cleared";
  EXPECT_TRUE(p.tool.await("too dark")) << "and drawn";
  p.tool.type("q");
  EXPECT_EQ(p.tool.finish().exit, 0);
  EXPECT_TRUE(p.tool.echoes());
}

TEST(PreviewPage, WhatTheKeeperRefusesIsSaidBelow) {
  FakeKeeper keeper(
      [](Peer& peer, const Request&) { peer.refuse(Errc::not_permitted, "not permitted for this user"); });
  OnTerminal tool({"--config", keeper.config(), "preview", "--graphics", "blocks"});
  EXPECT_EQ(tool.finish().exit, 3);
  EXPECT_NE(tool.screen().find("not permitted for this user"), std::string::npos);
}

TEST(PreviewEvents, AreAnObjectALineAndTheResultIsTheLast) {
  RedPicture picture;
  FakeKeeper keeper([&](Peer& peer, const Request&) {
    peer.ack();
    peer.picture(picture.fd());
    peer.answer(Type::view, view_of(FaceIssue::none));
    peer.answer(Type::view, view_of(FaceIssue::no_face));
    peer.refuse(Errc::busy, "a login needed the camera");
  });
  const Ran ran = run_tool({"--config", keeper.config(), "preview", "--json", "--pictures"});
  EXPECT_EQ(ran.exit, 7);
  std::vector<nlohmann::json> events;
  std::istringstream lines(ran.out);
  for (std::string line; std::getline(lines, line);) events.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(events.size(), 3U) << ran.out;
  EXPECT_EQ(events[0]["event"], "view");
  EXPECT_EQ(events[0]["issue"], "none");
  EXPECT_EQ(events[0]["frame"], nlohmann::json::parse("[640,480]"));
  EXPECT_EQ(events[0]["picture"]["width"], 8);
  EXPECT_EQ(events[0]["picture"]["rgb"].get<std::string>().substr(0, 8), "+gAA+gAA");
  EXPECT_EQ(events[1]["box"], nullptr);
  EXPECT_EQ(events[2]["event"], "result");
  EXPECT_EQ(events[2]["error"], "busy");
}

// A registration of somebody who is known already, up to its trial login.
struct Registering {
  RedPicture picture;
  Verdict trial = Verdict::match;
  bool asked_to_guide = false;
  FakeKeeper keeper{[this, enrolled = false](Peer& peer, const Request& request) mutable {
    switch (request.type) {
      case Type::list:
        peer.ack();
        peer.answer(Type::list_user, wire::ListUser{text(kUser)});
        return peer.done();
      case Type::enroll_begin: {
        const auto begin = request.body<wire::EnrollBegin>();
        asked_to_guide = begin.guided && begin.live;
        return peer.ack();
      }
      case Type::finish:
        if (std::exchange(enrolled, true)) {
          wire::VerifyResult result{text(kUser), trial};
          result.elapsed_ms = 812;
          return peer.answer(Type::verify_result, result);
        }
        peer.picture(picture.fd());
        peer.answer(Type::notice, wire::NoticeBody{wire::Notice::pose, static_cast<std::uint8_t>(Pose::left)});
        peer.answer(Type::view, view_of(FaceIssue::turned_away));
        ::usleep(300'000);
        peer.answer(Type::notice, wire::NoticeBody{wire::Notice::template_taken, 3, 5});
        peer.answer(Type::view, view_of(FaceIssue::none));
        ::usleep(300'000);
        return peer.done();
      default:
        return peer.ack();
    }
  }};
  inline static const std::string kUser = "root";
};

TEST(EnrollPage, LeadsThroughPosesAndEndsWithATrialLogin) {
  if (::geteuid() != 0) GTEST_SKIP() << "others are asked for their password first";
  Registering r;
  OnTerminal tool({"--config", r.keeper.config(), "enroll", r.kUser, "--graphics", "blocks"});
  EXPECT_TRUE(tool.await("Turn your head a little to your left")) << tool.screen();
  EXPECT_TRUE(tool.await("not as far as that")) << tool.screen();
  EXPECT_TRUE(tool.await("3 of 5")) << tool.screen();
  EXPECT_TRUE(tool.await("recognised in 0.8 s")) << tool.screen();
  EXPECT_EQ(tool.finish().exit, 0);
  EXPECT_TRUE(tool.echoes());
  EXPECT_TRUE(r.asked_to_guide);
}

TEST(EnrollPage, ATrialThatFailsIsToldAndTakesNothingBack) {
  if (::geteuid() != 0) GTEST_SKIP() << "others are asked for their password first";
  Registering r;
  r.trial = Verdict::no_match;
  OnTerminal tool({"--config", r.keeper.config(), "enroll", r.kUser, "--graphics", "blocks"});
  EXPECT_TRUE(tool.await("Trial login: no-match")) << tool.screen();
  EXPECT_EQ(tool.finish().exit, 0);
}

TEST(EnrollPage, AKeyEndsItBeforeAnythingIsStored) {
  if (::geteuid() != 0) GTEST_SKIP() << "others are asked for their password first";
  Registering r;
  OnTerminal tool({"--config", r.keeper.config(), "enroll", r.kUser, "--graphics", "blocks"});
  ASSERT_TRUE(tool.await("Turn your head")) << tool.screen();
  tool.type("q");
  EXPECT_EQ(tool.finish().exit, 1);
  EXPECT_TRUE(tool.echoes());
  EXPECT_EQ(tool.screen().find("Trial login"), std::string::npos);
}

}  // namespace
}  // namespace faceauth::test
