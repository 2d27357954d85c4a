#include <gtest/gtest.h>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using wire::Type;

struct Finder {
  wire::IdentifyResult result;
  FaceIssue issue = FaceIssue::none;
  Errc refuse_with = Errc::ok;

  FakeKeeper keeper{[this](Peer& peer, const Request& request) {
    if (request.type == Type::identify_begin) {
      peer.ack();
      if (refuse_with != Errc::ok) peer.refuse(refuse_with);
    } else if (request.type == Type::image) {
      EXPECT_TRUE(request.fd.valid());
      peer.image_result(issue);
    } else {
      EXPECT_EQ(request.type, Type::finish);
      peer.answer(Type::identify_result, result);
    }
  }};

  Ran identify(const Args& more) const {
    Args args{"--config", keeper.config(), "identify"};
    args.insert(args.end(), more.begin(), more.end());
    return run_tool(args);
  }
};

TEST(Identify, SomebodyKnown) {
  Finder f;
  f.result.verdict = Verdict::match;
  f.result.user = {"alice", 5};
  f.result.scored = true;
  f.result.margin = 0.25F;
  const Ran ran = f.identify({"--json", "--image", f.keeper.dir().write("a.jpg", "pixels")});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.json(), nlohmann::json::parse(R"({"user":"alice","verdict":"match","margin":0.25})"));
  EXPECT_EQ(f.identify({}).out, "alice, nearer than the next by 0.25\n");
}

TEST(Identify, AStrangerHasNoName) {
  Finder f;
  f.result.verdict = Verdict::no_match;
  f.result.user = {"alice", 5};
  const Ran ran = f.identify({"--json"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.json(), nlohmann::json::parse(R"({"user":null,"verdict":"no-match","margin":null})"));
  EXPECT_EQ(f.identify({}).out, "nobody known (no-match)\n");
}

TEST(Identify, AMatchWithoutANameIsAnError) {
  Finder f;
  f.result.verdict = Verdict::match;
  const Ran ran = f.identify({"--json"});
  EXPECT_EQ(ran.exit, 70);
  EXPECT_EQ(ran.json()["verdict"], "error");
}

TEST(Identify, RefusedOrUnusable) {
  Finder f;
  f.issue = FaceIssue::several_faces;
  f.result.verdict = Verdict::multiple_faces;
  const Ran photo = f.identify({"--json", "--image", f.keeper.dir().write("a.jpg", "pixels")});
  EXPECT_EQ(photo.exit, 5);
  EXPECT_EQ(photo.json()["verdict"], "multiple-faces");
  EXPECT_TRUE(photo.json()["user"].is_null());
  EXPECT_NE(photo.json()["reason"].get<std::string>().find("a.jpg: several faces"), std::string::npos);
  f.refuse_with = Errc::not_permitted;
  const Ran refused = f.identify({"--json"});
  EXPECT_EQ(refused.exit, 3);
  EXPECT_EQ(refused.json()["verdict"], "not-allowed");
  EXPECT_EQ(f.identify({"--image", "/does/not/exist"}).exit, 5);
}

}  // namespace
}  // namespace faceauth::test
