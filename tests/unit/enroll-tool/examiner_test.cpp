#include <enroll-tool/examiner.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {
namespace {

wire::VerifyResult scored(float face, float second, float live) {
  wire::VerifyResult r;
  r.user = {"alice", 5};
  r.scored = r.liveness_measured = true;
  r.distance = face;
  r.threshold = 1.0F;
  r.dlib = second;
  r.dlib_threshold = 0.6F;
  r.liveness = live;
  r.liveness_least = 0.5F;
  r.verdict = Verdict::no_match;
  return r;
}

TEST(Examiner, SaysWhichCheckRefusedAndByHowMuch) {
  const auto checks = checks_of(scored(1.1432F, 0.4F, 0.2F));
  ASSERT_EQ(checks.size(), 3u);
  EXPECT_EQ(words_of(checks[0]), "refused: 1.1432 of at most 1.0000, 0.1432 too far");
  EXPECT_EQ(words_of(checks[1]), "held: 0.4000 of at most 0.6000");
  EXPECT_EQ(words_of(checks[2]), "refused: 0.2000 of at least 0.5000, 0.3000 too low");
  EXPECT_FALSE(checks[0].held);
  EXPECT_TRUE(checks[1].held);
  EXPECT_EQ(json_of(checks).dump(), R"([{"check":"face","held":false,"seen":1.1432,"most":1.0},)"
                                    R"({"check":"second recogniser","held":true,"seen":0.4,"most":0.6},)"
                                    R"({"check":"liveness","held":false,"seen":0.2,"least":0.5}])");
}

TEST(Examiner, HasNoFiguresForWhoeverIsGivenNone) {
  wire::VerifyResult r = scored(1.1F, 0.4F, 0.9F);
  r.scored = false;
  EXPECT_TRUE(checks_of(r).empty());
  EXPECT_NE(advice_for(r, {}, false).find("enroll-tool enroll alice"), std::string::npos);
}

TEST(Examiner, LivenessCountsOnlyWhereItWasAskedFor) {
  wire::VerifyResult r = scored(0.5F, 0.4F, 0.1F);
  r.liveness_least = 0;
  EXPECT_EQ(checks_of(r).size(), 2u);
}

TEST(Examiner, NothingComparedIsARefusal) {
  const auto checks = checks_of(scored(std::numeric_limits<float>::infinity(), 0.4F, 0.9F));
  EXPECT_EQ(words_of(checks.at(0)), "refused: there was nothing to compare");
  EXPECT_FALSE(checks.at(0).held);
}

TEST(Examiner, AdvisesWhoeverIsSwitchedOffByWhoCanChangeIt) {
  wire::VerifyResult r;
  r.user = {"alice", 5};
  r.verdict = Verdict::disabled;
  const auto advice = [&](wire::Obstacle obstacle) {
    r.obstacle = obstacle;
    return advice_for(r, {}, false);
  };
  EXPECT_EQ(advice(wire::Obstacle::switched_off), "switch it on again: enroll-tool enable alice");
  EXPECT_NE(advice(wire::Obstacle::failures).find("enroll-tool unlock alice"), std::string::npos);
  const std::string for_all = advice(wire::Obstacle::faces_off);
  EXPECT_TRUE(for_all.ends_with("with: enroll-tool enable")) << for_all;
  r.verdict = Verdict::not_enrolled;
  EXPECT_NE(advice(wire::Obstacle::waits_for_scan).find("complete it"), std::string::npos);
  EXPECT_EQ(advice(wire::Obstacle::none), "register: enroll-tool enroll alice");
}

TEST(Examiner, AdvisesByWhatRefused) {
  const auto advice = [](const wire::VerifyResult& r) { return advice_for(r, checks_of(r), false); };
  EXPECT_NE(advice(scored(1.2F, 0.7F, 0.9F)).find("both recognisers"), std::string::npos);
  EXPECT_NE(advice(scored(0.5F, 0.7F, 0.9F)).find("disagree"), std::string::npos);
  EXPECT_NE(advice(scored(0.5F, 0.4F, 0.9F)).find("one frame by itself"), std::string::npos);
  wire::VerifyResult match = scored(0.5F, 0.4F, 0.9F);
  match.verdict = Verdict::match;
  EXPECT_EQ(advice(match), "");
}

}  // namespace
}  // namespace faceauth::enroll
