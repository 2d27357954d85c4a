#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using wire::Type;

std::string content_of(int fd) {
  char buffer[256];
  const ssize_t n = ::pread(fd, buffer, sizeof buffer, 0);
  return n < 0 ? "" : std::string(buffer, static_cast<std::size_t>(n));
}

// Registers whatever it is sent; "noface" in a photo is a photo without a face.
struct Registry {
  bool known = false;  // is the user registered already?
  Errc at_finish = Errc::ok;
  std::string user, label, password;
  bool force = false, has_password = false, stored = false;
  std::vector<wire::NoticeBody> before_the_end;  // said after `finish`
  std::vector<std::string> photos;

  FakeKeeper keeper{[this](Peer& peer, const Request& request) { handle(peer, request); }};

  void handle(Peer& peer, const Request& request) {
    switch (request.type) {
      case Type::list:
        peer.ack();
        if (!known) return peer.refuse(Errc::not_found);
        peer.answer(Type::list_user, wire::ListUser{request.body<wire::ListBegin>().user});
        return peer.done();
      case Type::prove_password:
        peer.ack();
        if (str(request.body<wire::ProvePassword>().password) == "right") return peer.done();
        return peer.refuse(Errc::wrong_password);
      case Type::enroll_begin: {
        const auto body = request.body<wire::EnrollBegin>();
        user = str(body.user);
        label = str(body.label);
        password = str(body.password);
        force = body.force;
        has_password = body.has_password;
        if (user == "ghost") return peer.refuse(Errc::invalid_argument, "no such user on this system");
        return peer.ack();
      }
      case Type::image:
        photos.push_back(content_of(request.fd.get()));
        return peer.image_result(photos.back() == "noface" ? FaceIssue::no_face : FaceIssue::none);
      case Type::finish:
        if (photos.empty()) scan(peer);
        for (const wire::NoticeBody& notice : before_the_end) peer.answer(Type::notice, notice);
        if (at_finish != Errc::ok) return peer.refuse(at_finish);
        stored = true;
        return peer.done();
      default:
        ADD_FAILURE() << "unexpected request";
    }
  }

  static void scan(Peer& peer) {
    peer.answer(Type::notice, wire::NoticeBody{wire::Notice::weak_liveness, 0, 0});
    peer.answer(Type::notice, wire::NoticeBody{wire::Notice::scanning, 0, 0});
    const auto dark = static_cast<std::uint8_t>(FaceIssue::too_dark);
    for (int i = 0; i < 3; ++i) peer.answer(Type::notice, wire::NoticeBody{wire::Notice::frame_issue, dark, 0});
    peer.answer(Type::notice, wire::NoticeBody{wire::Notice::template_taken, 1, 2});
    peer.answer(Type::notice, wire::NoticeBody{wire::Notice::template_taken, 2, 2});
    const auto left = static_cast<std::uint8_t>(Movement::turn_left);
    peer.answer(Type::notice, wire::NoticeBody{wire::Notice::movement, left, 0});
  }

  Ran enroll(const Args& more, const std::string& input = "", uid_t as = kSame) const {
    Args args{"--config", keeper.config(), "--json", "enroll"};
    args.insert(args.end(), more.begin(), more.end());
    return run_tool(args, input, as);
  }
};

std::size_t count(const std::string& in, const std::string& what) {
  std::size_t n = 0;
  for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++n;
  return n;
}

TEST(Enroll, PhotosTravelAsDescriptors) {
  Registry r;
  const std::string one = r.keeper.dir().write("one.jpg", "pixels of one");
  const std::string two = r.keeper.dir().write("two.jpg", "pixels of two");
  const Ran ran = r.enroll({"alice", "--image", one, "--label", "desk", "--image", two, "--force"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.json(), nlohmann::json::parse(R"({"ok":true,"user":"alice","templates":2})"));
  EXPECT_EQ(r.photos, (std::vector<std::string>{"pixels of one", "pixels of two"}));
  EXPECT_EQ(r.user, "alice");
  EXPECT_EQ(r.label, "desk");
  EXPECT_TRUE(r.force);
  EXPECT_FALSE(r.has_password) << "no terminal and no --password-stdin: none is set";
  EXPECT_TRUE(r.stored);
}

TEST(Enroll, PasswordFromStandardInput) {
  Registry r;
  const std::string photo = r.keeper.dir().write("one.jpg", "pixels");
  const Args args{"alice", "--image", photo, "--password-stdin"};
  for (const char* input : {"s3cret word\n", "s3cret word", "s3cret word\nnext line\n"}) {
    r.photos.clear();
    EXPECT_EQ(r.enroll(args, input).exit, 0);
    EXPECT_TRUE(r.has_password);
    EXPECT_EQ(r.password, "s3cret word");
  }
  EXPECT_EQ(r.enroll(args, std::string(limits::kPasswordMax, 'p')).exit, 0);
  EXPECT_EQ(r.password.size(), limits::kPasswordMax);
}

TEST(Enroll, PasswordsThatAreRefused) {
  Registry r;
  const std::string photo = r.keeper.dir().write("one.jpg", "pixels");
  const std::string refused[] = {"",
                                 "\n",
                                 "\nsecond\n",
                                 std::string(limits::kPasswordMax + 1, 'p'),
                                 std::string(20'000, 'p') + "\n",
                                 std::string("a\0b\n", 4)};
  for (const std::string& input : refused) {
    const Ran ran = r.enroll({"alice", "--image", photo, "--password-stdin"}, input);
    EXPECT_EQ(ran.exit, 2) << input.size();
    EXPECT_EQ(ran.json()["error"], "invalid-argument");
  }
  EXPECT_EQ(r.keeper.connections(), 0);
}

TEST(Enroll, APhotoWithoutAFaceStoresNothing) {
  Registry r;
  const std::string good = r.keeper.dir().write("ann1.jpg", "pixels");
  const std::string bad = r.keeper.dir().write("ann2.jpg", "noface");
  const Ran ran = r.enroll({"ann", "--image", good, "--image", bad, "--image", good});
  EXPECT_EQ(ran.exit, 5);
  EXPECT_NE(ran.err.find("ann2.jpg: no face found; use a photo"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.json()["error"], "no-usable-face");
  EXPECT_EQ(ran.json()["image"], bad);
  EXPECT_EQ(ran.json()["issue"], "no-face");
  EXPECT_FALSE(r.stored);
  EXPECT_EQ(r.keeper.seen(), (std::vector{Type::enroll_begin, Type::image, Type::image}));
}

TEST(Enroll, PhotosOfSomebodyElseAreNamed) {
  Registry r;
  r.at_finish = Errc::no_usable_face;
  r.before_the_end = {{wire::Notice::somebody_else, 2, 3}};
  Args args{"alice"};
  for (const char* name : {"one.jpg", "two.jpg", "three.jpg"})
    args.insert(args.end(), {"--image", r.keeper.dir().write(name, "pixels")});
  const Ran ran = r.enroll(args);
  EXPECT_EQ(ran.exit, 5);
  EXPECT_EQ(ran.json()["image"], r.keeper.dir() / "two.jpg");
  EXPECT_EQ(ran.json()["issue"], "somebody-else");
  EXPECT_NE(ran.err.find("two.jpg: shows somebody else"), std::string::npos) << ran.err;
  EXPECT_EQ(ran.err.find("one.jpg"), std::string::npos) << ran.err;
  r.before_the_end = {{wire::Notice::somebody_else, 9, 3}, {wire::Notice::somebody_else, 0, 3}};
  EXPECT_EQ(r.enroll(args).exit, 5) << "numbers of photos that were never sent name nothing";
}

TEST(Enroll, WhatTheKeeperMadeOfThePhotosIsTold) {
  Registry r;
  r.before_the_end = {{wire::Notice::other_user, 0, 0}, {wire::Notice::templates_stored, 1, 2}};
  const std::string one = r.keeper.dir().write("one.jpg", "pixels");
  const Ran ran = r.enroll({"alice", "--image", one, "--image", one, "--force"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.json(), nlohmann::json::parse(R"({"ok":true,"user":"alice","templates":1,"merged":1})"));
  EXPECT_NE(ran.err.find("also passes for another"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("1 of 2 pictures showed nothing new"), std::string::npos) << ran.err;
}

TEST(Enroll, FilesThatAreNoPhotosReachNobody) {
  Registry r;
  const TempDir dir;
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  for (const std::string& path : {dir / "missing.jpg", dir / "fifo", dir / ".", std::string("/dev/zero")}) {
    const Ran ran = r.enroll({"alice", "--image", dir.write("good.jpg", "pixels"), "--image", path});
    EXPECT_EQ(ran.exit, 5) << path;
    EXPECT_NE(ran.err.find(path + ": "), std::string::npos) << ran.err;
    EXPECT_EQ(ran.json()["error"], "no-usable-face");
  }
  EXPECT_EQ(r.keeper.connections(), 0);
}

TEST(Enroll, TooManyPhotos) {
  Registry r;
  Args args{"alice"};
  for (std::size_t i = 0; i <= limits::kEnrollImagesMax; ++i)
    args.insert(args.end(), {"--image", r.keeper.dir().write("one.jpg", "pixels")});
  EXPECT_EQ(r.enroll(args).exit, 2);
}

TEST(Enroll, WhatTheKeeperRefuses) {
  Registry r;
  const std::string photo = r.keeper.dir().write("one.jpg", "pixels");
  const Ran ghost = r.enroll({"ghost", "--image", photo});
  EXPECT_EQ(ghost.exit, 2);
  EXPECT_EQ(ghost.json()["message"], "no such user on this system");
  const std::pair<Errc, int> table[] = {{Errc::duplicate_face, 1}, {Errc::busy, 7}, {Errc::no_space, 70}};
  for (const auto& [code, exit] : table) {
    r.at_finish = code;
    const Ran ran = r.enroll({"alice", "--image", photo});
    EXPECT_EQ(ran.exit, exit);
    EXPECT_EQ(ran.json()["error"], errc_name(code));
    EXPECT_EQ(ran.err.find("--force") != std::string::npos, code == Errc::duplicate_face) << ran.err;
  }
  EXPECT_FALSE(r.stored);
}

TEST(Enroll, TheCameraIsGuidedOnStderr) {
  Registry r;
  const Ran ran = r.enroll({"alice"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.json()["templates"], 2);
  EXPECT_NE(ran.err.find("warning: liveness is off"), std::string::npos) << ran.err;
  EXPECT_EQ(count(ran.err, "too dark"), 1u) << "the same advice is not repeated";
  EXPECT_NE(ran.err.find("1 of 2 taken; now move your head a little\n"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("2 of 2 taken\n"), std::string::npos) << "nothing is left to move for" << ran.err;
  const Ran quiet = r.enroll({"alice", "--quiet"});
  EXPECT_EQ(quiet.err,
            "enroll-tool: warning: liveness is off in faced.toml: a photo held before the camera would be "
            "registered too\n");
  r.at_finish = Errc::camera_unavailable;
  EXPECT_EQ(r.enroll({"alice"}).exit, 8);
}

TEST(Enroll, AUserProvesHisPasswordForTheCamera) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to become somebody else";
  Registry r;
  EXPECT_EQ(r.enroll({"nobody", "--password-stdin"}, "right\n", kNobody).exit, 0);
  EXPECT_EQ(r.keeper.seen(), (std::vector{Type::prove_password, Type::enroll_begin, Type::finish}));
  EXPECT_EQ(r.keeper.connections(), 1);
  EXPECT_FALSE(r.has_password) << "the proof is not a new password";
  r.stored = false;
  EXPECT_EQ(r.enroll({"nobody", "--password-stdin"}, "wrong\n", kNobody).exit, 3);
  EXPECT_FALSE(r.stored);
}

TEST(EnrollOnTerminal, ANewUserIsAskedTwice) {
  Registry r;
  const std::string photo = r.keeper.dir().write("one.jpg", "pixels");
  OnTerminal tool({"--config", r.keeper.config(), "enroll", "alice", "--image", photo});
  ASSERT_TRUE(tool.await("New password: "));
  EXPECT_FALSE(tool.echoes());
  tool.type("s3cret\n");
  ASSERT_TRUE(tool.await("again: "));
  tool.type("s3cret\n");
  EXPECT_EQ(tool.finish().exit, 0) << tool.screen();
  EXPECT_TRUE(tool.echoes());
  EXPECT_EQ(tool.screen().find("s3cret"), std::string::npos);
  EXPECT_EQ(r.password, "s3cret");
  EXPECT_TRUE(r.stored);
}

TEST(EnrollOnTerminal, AKnownUserIsNotAsked) {
  Registry r;
  r.known = true;
  const std::string photo = r.keeper.dir().write("one.jpg", "pixels");
  OnTerminal tool({"--config", r.keeper.config(), "enroll", "alice", "--image", photo});
  EXPECT_EQ(tool.finish().exit, 0) << tool.screen();
  EXPECT_EQ(tool.screen().find("assword"), std::string::npos);
  EXPECT_FALSE(r.has_password);
  EXPECT_TRUE(r.stored);
}

}  // namespace
}  // namespace faceauth::test
