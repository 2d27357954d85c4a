#include <faced/server/news.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace faceauth {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

class NewsTest : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }
  static UnixTime at(std::int64_t s) { return UnixTime{seconds(s)}; }
  UserState state;
};

TEST_F(NewsTest, SaysWhatWhenAndByWhom) {
  EXPECT_EQ(news_line(state.untold, 1000), "");
  note_change(state, Change::face_registered, at(1'795'615'380), 0);
  EXPECT_EQ(news_line(state.untold, 1000), "faceauth: a face was registered for you on 2026-11-25 14:03 by root");
  state.untold.by_uid = 1000;
  EXPECT_THAT(news_line(state.untold, 1000), HasSubstr("by yourself"));
  state.untold.by_uid = 1001;
  EXPECT_THAT(news_line(state.untold, 1000), HasSubstr("by uid 1001"));
}

TEST_F(NewsTest, AFaceIsNotHiddenBehindWhatFollows) {
  note_change(state, Change::password_set, at(1), 0);
  note_change(state, Change::face_registered, at(2), 1000);
  note_change(state, Change::password_set, at(3), 0);
  note_change(state, Change::faces_removed, at(4), 0);
  EXPECT_EQ(state.untold, (Untold{Change::face_registered, at(2), 1000, 3}));
  EXPECT_THAT(news_line(state.untold, 1000), HasSubstr("by yourself, and 3 more; see: enroll-tool log"));
  note_change(state, Change::face_registered, at(5), 0);
  EXPECT_EQ(state.untold.at, at(5)) << "of several the latest";
}

TEST_F(NewsTest, WhatARecordThatGoesHadNotToldIsCarriedOver) {
  carry_over(state, {});
  EXPECT_EQ(state.untold, Untold{});
  carry_over(state, {Change::password_set, at(1), 7, 2});
  note_change(state, Change::face_registered, at(5), 0);
  EXPECT_EQ(state.untold, (Untold{Change::face_registered, at(5), 0, 3}));
  carry_over(state, {Change::face_registered, at(2), 7, 65'535});
  EXPECT_EQ(state.untold.more, 65'535);
}

TEST_F(NewsTest, AFloodStaysOneShortLine) {
  for (int i = 0; i < 70'000; ++i) note_change(state, Change::password_set, at(i), 4'294'967'294U);
  EXPECT_EQ(state.untold.more, 65'535);
  EXPECT_LE(news_line(state.untold, 1000).size(), wire::kNewsMax);
}

}  // namespace
}  // namespace faceauth
