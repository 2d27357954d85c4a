#include <gtest/gtest.h>
#include <unistd.h>

#include <limits>

#include "fake_keeper.h"
#include "process.h"

namespace faceauth::test {
namespace {

using wire::Type;

struct Judge {
  wire::VerifyResult result;
  FaceIssue issue = FaceIssue::none;
  Errc refuse_with = Errc::ok;
  std::string password, photo, answer_for;
  bool has_password = false;

  FakeKeeper keeper{[this](Peer& peer, const Request& request) {
    if (request.type == Type::verify_begin) {
      const auto body = request.body<wire::VerifyBegin>();
      EXPECT_TRUE(request.decoded_);
      if (answer_for.empty()) answer_for = str(body.user);
      has_password = body.has_password;
      password = str(body.password);
      peer.ack();
      if (refuse_with != Errc::ok) peer.refuse(refuse_with);
    } else if (request.type == Type::image) {
      char buffer[64] = {};
      EXPECT_GT(::pread(request.fd.get(), buffer, sizeof buffer - 1, 0), 0);
      photo = buffer;
      peer.image_result(issue);
    } else {
      EXPECT_EQ(request.type, Type::finish);
      if (photo.empty()) peer.answer(Type::notice, wire::NoticeBody{wire::Notice::scanning, 0, 0});
      result.user = text(answer_for);
      peer.answer(Type::verify_result, result);
    }
  }};

  Ran verify(const Args& more, const std::string& input = "") const {
    Args args{"--config", keeper.config(), "verify", "alice"};
    args.insert(args.end(), more.begin(), more.end());
    return run_tool(args, input);
  }
};

void score(wire::VerifyResult& r) {
  r.scored = r.liveness_measured = true;
  r.distance = 0.81234567F;
  r.threshold = 1.05F;
  r.liveness = 0.99F;
  r.frames = 3;
  r.elapsed_ms = 412;
}

TEST(Verify, AMatchWithScores) {
  Judge j;
  j.result.verdict = Verdict::match;
  j.result.reason = {"3 of 3 frames agree", 19};
  score(j.result);
  const Ran ran = j.verify({"--json"});
  EXPECT_EQ(ran.exit, 0);
  EXPECT_EQ(ran.json(), nlohmann::json::parse(R"({"user":"alice","verdict":"match","reason":"3 of 3 frames agree",
    "distance":0.8123,"threshold":1.05,"liveness":0.99,"frames":3,"elapsed_ms":412,
    "checks":[{"check":"face","held":true,"seen":0.8123,"most":1.05}],"advice":null})"));
  EXPECT_NE(ran.out.find("{\"user\":\"alice\",\"verdict\":\"match\",\"reason\""), std::string::npos) << "order";
  const Ran people = j.verify({});
  EXPECT_EQ(people.out,
            "alice: match (3 of 3 frames agree), 3 frames in 412 ms\n"
            "  face               held: 0.8123 of at most 1.0500\n");
  EXPECT_EQ(j.verify({"--quiet"}).out, "");
}

TEST(Verify, EveryVerdictAndNoScoresForOthers) {
  for (int v = 0; v <= kVerdictLast; ++v) {
    Judge j;
    j.result.verdict = static_cast<Verdict>(v);
    j.result.frames = 2;
    const Ran ran = j.verify({"--json"});
    EXPECT_EQ(ran.exit == 0, j.result.verdict == Verdict::match);
    const auto value = ran.json();
    EXPECT_EQ(value["verdict"], verdict_name(j.result.verdict));
    EXPECT_NE(value["reason"], "");
    EXPECT_TRUE(value["distance"].is_null() && value["threshold"].is_null() && value["liveness"].is_null());
    EXPECT_TRUE(value["checks"].empty());
    EXPECT_EQ(value["advice"].is_null(), j.result.verdict == Verdict::match) << "whoever is refused is told what helps";
  }
}

TEST(Verify, LivenessNotMeasuredIsNull) {
  Judge j;
  j.result.verdict = Verdict::no_match;
  score(j.result);
  j.result.liveness_measured = false;
  j.result.distance = std::numeric_limits<float>::quiet_NaN();
  const Ran ran = j.verify({"--json"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_TRUE(ran.json()["liveness"].is_null());
  EXPECT_TRUE(ran.json()["distance"].is_null());
  EXPECT_EQ(ran.json()["threshold"], 1.05);
}

TEST(Verify, FromAPhoto) {
  Judge j;
  j.result.verdict = Verdict::match;
  const std::string photo = j.keeper.dir().write("a.jpg", "pixels");
  EXPECT_EQ(j.verify({"--image", photo}).exit, 0);
  EXPECT_EQ(j.photo, "pixels");
  EXPECT_EQ(j.keeper.seen(), (std::vector{Type::verify_begin, Type::image, Type::finish}));
  j.result.verdict = Verdict::no_match;
  EXPECT_EQ(j.verify({"--image", photo}).exit, 1);
  j.result.verdict = Verdict::no_face;
  EXPECT_EQ(j.verify({"--image", photo}).exit, 5);
}

TEST(Verify, FromAPhotoThatCannotBeUsed) {
  Judge j;
  j.issue = FaceIssue::several_faces;
  j.result.verdict = Verdict::multiple_faces;
  const std::string photo = j.keeper.dir().write("a.jpg", "pixels");
  const Ran ran = j.verify({"--json", "--image", photo, "--image", photo});
  EXPECT_EQ(ran.exit, 5);
  EXPECT_EQ(ran.json()["verdict"], "multiple-faces");
  EXPECT_NE(ran.json()["reason"].get<std::string>().find("a.jpg: several faces; use"), std::string::npos);
  EXPECT_NE(ran.err.find("a.jpg: several faces; use"), std::string::npos);
  EXPECT_EQ(j.keeper.seen(), (std::vector{Type::verify_begin, Type::image, Type::image, Type::finish}))
      << "the keeper judges, other photos may do";
  j.result.verdict = Verdict::locked_out;
  const Ran locked = j.verify({"--json", "--image", photo});
  EXPECT_EQ(locked.exit, 7);
  EXPECT_EQ(locked.json()["reason"], "is locked out");
}

TEST(Verify, FromAFileThatCannotBeOpened) {
  Judge j;
  const Ran missing = j.verify({"--json", "--image", "/does/not/exist.jpg"});
  EXPECT_EQ(missing.exit, 5);
  EXPECT_EQ(missing.json()["verdict"], "error");
  EXPECT_NE(missing.err.find("/does/not/exist.jpg"), std::string::npos);
  EXPECT_EQ(j.keeper.connections(), 0);
}

TEST(Verify, ThePasswordIsCheckedToo) {
  Judge j;
  j.result.verdict = Verdict::match;
  EXPECT_EQ(j.verify({"--password-stdin"}, "s3cret\n").exit, 0);
  EXPECT_TRUE(j.has_password);
  EXPECT_EQ(j.password, "s3cret");
  EXPECT_EQ(j.verify({}).exit, 0);
  EXPECT_FALSE(j.has_password);
}

TEST(Verify, FailuresBecomeTheNearestVerdict) {
  struct Row {
    Errc code;
    int exit;
    const char* verdict;
  };
  const Row table[] = {{Errc::not_permitted, 3, "not-allowed"},
                       {Errc::not_found, 4, "not-enrolled"},
                       {Errc::locked_out, 7, "locked-out"},
                       {Errc::busy, 7, "busy"},
                       {Errc::wrong_password, 1, "no-match"},
                       {Errc::camera_unavailable, 8, "camera-unavailable"},
                       {Errc::timed_out, 1, "timeout"},
                       {Errc::eye_failed, 70, "error"},
                       {Errc::ok, 0, "match"}};
  for (const Row& row : table) {
    Judge j;
    j.result.verdict = Verdict::match;
    j.refuse_with = row.code;
    const Ran ran = j.verify({"--json"});
    EXPECT_EQ(ran.exit, row.exit) << errc_name(row.code);
    EXPECT_EQ(ran.json()["verdict"], row.verdict);
    EXPECT_EQ(ran.json()["user"], "alice");
  }
}

TEST(Verify, AMatchForSomebodyElseIsNone) {
  Judge j;
  j.result.verdict = Verdict::match;
  j.answer_for = "mallory";
  const Ran ran = j.verify({"--json"});
  EXPECT_EQ(ran.exit, 70);
  EXPECT_EQ(ran.json()["verdict"], "error");
}

TEST(Verify, AMatchBeforeTheQuestionIsFinishedIsNone) {
  FakeKeeper keeper([](Peer& peer, const Request& request) {
    if (request.type != Type::verify_begin) return;
    wire::VerifyResult early;
    early.user = {"alice", 5};
    early.verdict = Verdict::match;
    peer.answer(Type::verify_result, early);  // no acknowledgement
  });
  const Ran ran = run_tool({"--config", keeper.config(), "--json", "verify", "alice"});
  EXPECT_EQ(ran.exit, 70);
  EXPECT_EQ(ran.json()["verdict"], "error");
}

}  // namespace
}  // namespace faceauth::test
