#include <faced/auth/poses.h>

#include <gtest/gtest.h>

#include <chrono>

namespace faceauth {
namespace {

using std::chrono::seconds;

Quality turned(float yaw, float pitch = 0) { return {.yaw_deg = yaw, .pitch_deg = pitch}; }
const Steady kNow{seconds(100)};

TEST(Poses, LeadThroughAllOfThemEachShownBeforeTheNext) {
  Poses poses;
  const struct {
    Pose pose;
    Quality shown, not_yet;
  } steps[] = {{Pose::straight, turned(2, -3), turned(14)},
               {Pose::left, turned(15), turned(-15)},
               {Pose::right, turned(-15), turned(15)},
               {Pose::up, turned(0, 9), turned(15)},
               {Pose::straight, turned(1), turned(-14)}};
  for (const auto& step : steps) {
    EXPECT_EQ(poses.wanted(), step.pose);
    EXPECT_FALSE(poses.fits(step.not_yet, kNow)) << pose_name(step.pose);
    EXPECT_TRUE(poses.fits(step.shown, kNow)) << pose_name(step.pose);
    poses.use(step.shown);
  }
}

TEST(Poses, TurnsCountFromHowTheHeadIsHeldAtRest) {
  Poses poses;
  ASSERT_TRUE(poses.fits(turned(8, -10), kNow));
  poses.use(turned(8, -10));
  EXPECT_FALSE(poses.fits(turned(12), kNow)) << "4 degrees from rest";
  EXPECT_TRUE(poses.fits(turned(19), kNow));
}

TEST(Poses, WhoCannotTurnIsLetGoAfterAWhile) {
  Poses poses;
  poses.use(turned(0));
  EXPECT_FALSE(poses.fits(turned(0), kNow));
  EXPECT_FALSE(poses.fits(turned(0), kNow + seconds(7)));
  EXPECT_TRUE(poses.fits(turned(0), kNow + seconds(8)));
  poses.use(turned(0));
  EXPECT_FALSE(poses.fits(turned(0), kNow + seconds(9))) << "each pose has its time";
}

}  // namespace
}  // namespace faceauth
