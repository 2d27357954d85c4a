#include <faced/auth/joint_verdict.h>

#include <gtest/gtest.h>

#include <vector>

namespace faceauth {
namespace {

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
