#include <faced/auth/joint_verdict.h>

#include <gtest/gtest.h>

#include <vector>

namespace faceauth {
namespace {

using std::chrono::milliseconds;
using Cameras = std::vector<std::optional<CameraVerdict>>;

constexpr CameraVerdict kMatch{Verdict::match, true}, kNoMatch{Verdict::no_match, true},
    kNotLive{Verdict::not_live, true}, kNobody{Verdict::no_face, false}, kDark{Verdict::camera_unavailable, false};

TEST(JointVerdict, IsAMatchOnlyWhereEveryCameraSaysSo) {
  EXPECT_EQ(joint_verdict(Cameras{kMatch}).verdict.verdict, Verdict::match);
  const JointVerdict both = joint_verdict(Cameras{kMatch, kMatch});
  EXPECT_EQ(both.verdict.verdict, Verdict::match);
  EXPECT_TRUE(both.verdict.judged);

  for (const auto& other : {std::optional<CameraVerdict>(kNoMatch), std::optional<CameraVerdict>(kNotLive),
                            std::optional<CameraVerdict>(kNobody), std::optional<CameraVerdict>(kDark),
                            std::optional<CameraVerdict>(CameraVerdict{}), std::optional<CameraVerdict>(),
                            std::optional<CameraVerdict>(CameraVerdict{Verdict::match, false})}) {
    EXPECT_NE(joint_verdict(Cameras{kMatch, other}).verdict.verdict, Verdict::match);
    EXPECT_NE(joint_verdict(Cameras{other, kMatch}).verdict.verdict, Verdict::match);
    EXPECT_NE(joint_verdict(Cameras{kMatch, kMatch, other}).verdict.verdict, Verdict::match);
  }
  EXPECT_EQ(joint_verdict(Cameras{}).verdict.verdict, Verdict::error);
}

TEST(JointVerdict, MatchesMustBeOfOneMoment) {
  const auto match = [](int from_ms, int to_ms) {
    const Steady zero{std::chrono::hours(1)};
    return CameraVerdict{Verdict::match, true, zero + milliseconds(from_ms), zero + milliseconds(to_ms)};
  };
  const int moment = kOneMoment.count();
  const auto joint = [](const CameraVerdict& a, const CameraVerdict& b) {
    const Verdict verdict = joint_verdict(Cameras{a, b}).verdict.verdict;
    EXPECT_EQ(verdict, joint_verdict(Cameras{b, a}).verdict.verdict);
    return verdict;
  };
  EXPECT_EQ(joint(match(0, 400), match(200, 600)), Verdict::match);
  EXPECT_EQ(joint(match(0, 400), match(moment - 400, moment)), Verdict::match);
  EXPECT_EQ(joint(match(0, 400), match(moment - 399, moment + 1)), Verdict::timeout);
  EXPECT_EQ(joint(match(0, moment + 1), match(10, 20)), Verdict::timeout) << "of the frames of one camera, too";
  const JointVerdict apart = joint_verdict(Cameras{match(0, 400), match(9000, 9400)});
  EXPECT_EQ(apart.verdict.verdict, Verdict::timeout);
  EXPECT_FALSE(apart.verdict.judged);
  EXPECT_TRUE(is_past(match(0, 400), match(moment + 1, 0).first));
  EXPECT_FALSE(is_past(match(0, 400), match(moment, 0).first));
}

TEST(JointVerdict, OtherwiseTheMostRefusingOneDecides) {
  const struct {
    Cameras cameras;
    CameraVerdict expected;
    std::size_t by;
  } table[] = {{{kMatch, kNobody}, kNobody, 1},     {{kMatch, kNoMatch}, kNoMatch, 1},
               {{kNobody, kNoMatch}, kNoMatch, 1},  {{kNoMatch, kNobody}, kNoMatch, 0},
               {{kNotLive, kNoMatch}, kNotLive, 0}, {{kNobody, kDark}, kNobody, 0},
               {{std::nullopt, kDark}, kDark, 1}};
  for (const auto& row : table) {
    const JointVerdict joint = joint_verdict(row.cameras);
    EXPECT_EQ(joint.verdict.verdict, row.expected.verdict);
    EXPECT_EQ(joint.verdict.judged, row.expected.judged);
    EXPECT_EQ(joint.decided_by, row.by);
  }
}

}  // namespace
}  // namespace faceauth
