#include <faced/server/log_quota.h>

#include <gtest/gtest.h>

namespace faceauth {
namespace {

using std::chrono::seconds;

TEST(LogQuota, ABurstIsToldAndTheRestCountedUntilThereIsRoomAgain) {
  LogQuota quota;
  Steady now{seconds(1000)};
  int told = 0;
  for (int i = 0; i < 1000; ++i) told += quota.next(now) ? 1 : 0;
  EXPECT_EQ(told, 50);
  EXPECT_FALSE(quota.next(now + seconds(1)));
  EXPECT_EQ(quota.next(now + seconds(2)), std::optional<std::uint64_t>(951)) << "how many were left out is told";
  EXPECT_FALSE(quota.next(now + seconds(2)));
  now += seconds(3600);
  told = 0;
  for (int i = 0; i < 1000; ++i) told += quota.next(now) ? 1 : 0;
  EXPECT_EQ(told, 50) << "an hour of rest earns no more than a burst";
}

}  // namespace
}  // namespace faceauth
