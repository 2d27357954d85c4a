#include <faced/server/ledger_quota.h>

#include <gtest/gtest.h>

namespace faceauth {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Of = LedgerQuota::Of;
using Admitted = std::optional<std::uint32_t>;

const Steady kStart{seconds{1000}};

void use_up(LedgerQuota& quota, std::uint32_t uid, Steady now) {
  for (std::uint32_t i = 0; i < limits::kLedgerBurst; ++i)
    ASSERT_EQ(quota.admit(Of::unjudged, uid, now), Admitted(0)) << i;
  ASSERT_EQ(quota.admit(Of::unjudged, uid, now), std::nullopt);
}

TEST(LedgerQuota, ABurstIsRecordedAndTheRestCounted) {
  LedgerQuota quota;
  use_up(quota, 1000, kStart);
  for (int i = 0; i < 41; ++i) EXPECT_EQ(quota.admit(Of::unjudged, 1000, kStart), std::nullopt);
  const Steady later = kStart + seconds{60} / limits::kLedgerPerMinute;
  EXPECT_EQ(quota.admit(Of::unjudged, 1000, later), Admitted(42)) << "the next entry says how many were skipped";
  EXPECT_EQ(quota.admit(Of::unjudged, 1000, later), std::nullopt);
}

TEST(LedgerQuota, OnePeersFloodCostsNobodyElseHisEntries) {
  LedgerQuota quota;
  use_up(quota, 1000, kStart);
  EXPECT_EQ(quota.admit(Of::unjudged, 1001, kStart), Admitted(0));
  EXPECT_EQ(quota.admit(Of::unjudged, 0, kStart), Admitted(0));
}

TEST(LedgerQuota, IsEarnedAgainAtItsRateAndNoMoreThanABurst) {
  LedgerQuota quota;
  use_up(quota, 1000, kStart);
  std::uint32_t recorded = 0;
  for (int second = 1; second <= 60; ++second)
    recorded += quota.admit(Of::unjudged, 1000, kStart + seconds{second}) ? 1 : 0;
  EXPECT_EQ(recorded, limits::kLedgerPerMinute);
  recorded = 0;
  for (int i = 0; i < 1000; ++i) recorded += quota.admit(Of::unjudged, 1000, kStart + minutes{600}) ? 1 : 0;
  EXPECT_EQ(recorded, limits::kLedgerBurst);
}

TEST(LedgerQuota, ManyPeersNeedBoundedRoomAndForgetOnlyWhoIsIdleAtFirst) {
  LedgerQuota quota;
  use_up(quota, 7, kStart);
  for (std::uint32_t uid = 1000; uid < 1900; ++uid) quota.admit(Of::unjudged, uid, kStart);
  const Steady later = kStart + minutes{1};  // they have earned theirs again, 7 has not
  for (std::uint32_t uid = 2000; uid < 2900; ++uid) quota.admit(Of::unjudged, uid, later);
  quota.admit(Of::unjudged, 7, later);
  quota.admit(Of::unjudged, 7, later);
  EXPECT_EQ(quota.admit(Of::unjudged, 7, later), std::nullopt);
}

// Subordinate uids are to be had by the ten thousand.
TEST(LedgerQuota, ManyUidsTogetherNeedDaysToPushTheLedgersEntriesOut) {
  LedgerQuota quota;
  std::uint64_t recorded = 0;
  std::uint32_t uid = 100'000;
  for (int minute = 0; minute < 6 * 24 * 60; ++minute)
    for (int i = 0; i < 20; ++i) recorded += quota.admit(Of::unjudged, uid++, kStart + minutes{minute}) ? 1 : 0;
  EXPECT_LT(recorded, limits::kLedgerEntries);
  EXPECT_GT(recorded, limits::kLedgerBurstOfAll);
}

TEST(LedgerQuota, WhoAsksWithoutEndKeepsNobodyElseOut) {
  LedgerQuota quota;
  std::uint32_t of_another = 0;
  for (int second = 0; second < 3600; ++second) {
    const Steady now = kStart + seconds{second};
    quota.admit(Of::unjudged, 1001, now);
    if (second % 60 == 59) of_another += quota.admit(Of::unjudged, 1002, now) ? 1 : 0;
  }
  EXPECT_EQ(of_another, 60U);
}

TEST(LedgerQuota, WhatWasJudgedOrSwitchedIsNobodyElsesToKeepOut) {
  LedgerQuota quota;
  for (std::uint32_t uid = 100'000; uid < 101'000; ++uid) quota.admit(Of::unjudged, uid, kStart);
  ASSERT_EQ(quota.admit(Of::unjudged, 1002, kStart), std::nullopt);
  for (std::uint32_t i = 0; i < limits::kLedgerOwnBurst; ++i)
    EXPECT_EQ(quota.admit(Of::own, 1002, kStart), Admitted(0));
  EXPECT_EQ(quota.admit(Of::own, 1002, kStart), std::nullopt) << "his own are bounded too";
  EXPECT_EQ(quota.admit(Of::own, 1002, kStart + minutes{1}), Admitted(1));
}

TEST(LedgerQuota, WhatWasSkippedOfTheForgottenIsToldInTotalAndOnce) {
  LedgerQuota quota;
  use_up(quota, 1002, kStart);
  for (int i = 0; i < 29; ++i) quota.admit(Of::unjudged, 1002, kStart);
  std::uint32_t skipped = 30, forgotten = 0;
  for (std::uint32_t uid = 100'000; uid < 101'100; ++uid) {
    skipped += quota.admit(Of::unjudged, uid, kStart) ? 0 : 1;
    forgotten += quota.take_forgotten();
  }
  EXPECT_GE(forgotten, 30U) << "1002's are among them";
  EXPECT_LE(forgotten, skipped);
  EXPECT_EQ(quota.take_forgotten(), 0U);
}

}  // namespace
}  // namespace faceauth
