#include <faced/server/log_quota.h>

#include <gtest/gtest.h>

namespace faceauth {
namespace {

using std::chrono::seconds;

std::uint32_t told(LogQuota& quota, std::uint32_t uid, Steady now) {
  std::uint32_t lines = 0;
  for (int i = 0; i < 1000; ++i) lines += quota.admit(uid, now) ? 1 : 0;
  return lines;
}

TEST(LogQuota, ABurstIsToldAndTheRestCountedUntilThereIsRoomAgain) {
  LogQuota quota;
  const Steady now{seconds(1000)};
  EXPECT_EQ(told(quota, 1000, now), 20U);
  EXPECT_FALSE(quota.admit(1000, now + seconds(9)));
  EXPECT_EQ(quota.admit(1000, now + seconds(10)), std::optional<std::uint32_t>(981))
      << "how many were left out is told";
  EXPECT_FALSE(quota.admit(1000, now + seconds(10)));
  EXPECT_EQ(told(quota, 1000, now + seconds(3600)), 20U) << "an hour of rest earns no more than a burst";
}

TEST(LogQuota, WhoFloodsIsHeardLessAndNobodyElse) {
  LogQuota quota;
  const Steady now{seconds(1000)};
  told(quota, 1000, now);
  EXPECT_EQ(quota.admit(1001, now), std::optional<std::uint32_t>(0));
}

TEST(LogQuota, ManyUidsTogetherAreBoundedToo) {
  LogQuota quota;
  const Steady now{seconds(1000)};
  std::uint32_t lines = 0;
  for (std::uint32_t uid = 1000; uid < 3000; ++uid) lines += told(quota, uid, now);
  EXPECT_EQ(lines, 100U);
}

}  // namespace
}  // namespace faceauth
