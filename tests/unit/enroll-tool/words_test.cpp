#include <enroll-tool/words.h>
#include <gtest/gtest.h>

#include <limits>

namespace faceauth::enroll {
namespace {

TEST(Words, TextOfOthersCannotSteerATerminal) {
  EXPECT_EQ(printable("plain caf\xc3\xa9 \xe2\x80\x99"), "plain caf\xc3\xa9 \xe2\x80\x99");
  EXPECT_EQ(printable("a\x1b[2Jb\r\n\x7f"), "a?[2Jb???");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "2J"),
            "a??2J");
  EXPECT_EQ(printable("a\x9b"
                      "2J"),
            "a?2J");
  EXPECT_EQ(printable("\xc2"), "\xc2");
}

TEST(Words, TimesAreUtcOrNothing) {
  EXPECT_EQ(iso_time(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso_time(1'714'564'800), "2024-05-01T12:00:00Z");
  EXPECT_EQ(iso_time(std::numeric_limits<std::uint64_t>::max()), std::nullopt);
  EXPECT_EQ(iso_time(static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())), std::nullopt);
}

TEST(Words, MomentsAreAgesOrDatesAndNothingElse) {
  constexpr std::uint64_t kNow = 1'714'564'800;
  EXPECT_EQ(moment("30m", kNow), kNow - 1800);
  EXPECT_EQ(moment("12h", kNow), kNow - 43'200);
  EXPECT_EQ(moment("7d", kNow), kNow - 604'800);
  EXPECT_EQ(moment("99999999d", kNow), 0U);
  EXPECT_EQ(moment("2024-05-01", kNow), kNow - 43'200);
  EXPECT_EQ(moment("2024-05-01T12:00:00Z", kNow), kNow);
  for (const char* text : {"", "m", "yesterday", "-5m", "5", "5 m", "2024-05-01T12:00:00", "2024-13-01", "2024-02-31",
                           "2024-05-01x", "1960-01-01", "99999999999999999999d"})
    EXPECT_EQ(moment(text, kNow), std::nullopt) << text;
}

TEST(Words, EveryPhotoIssueSaysWhatToDo) {
  for (int issue = 1; issue <= kFaceIssueLast; ++issue) {
    EXPECT_NE(photo_advice(static_cast<FaceIssue>(issue)).find("; use "), std::string::npos) << issue;
    EXPECT_STRNE(camera_advice(static_cast<FaceIssue>(issue)), camera_advice(FaceIssue::none)) << issue;
  }
}

TEST(Words, EveryErrorAndVerdictHasWords) {
  for (int code = 0; code <= kErrcLast; ++code) EXPECT_STRNE(error_words(static_cast<Errc>(code)), "");
  for (int v = 0; v <= kVerdictLast; ++v) EXPECT_STRNE(verdict_words(static_cast<Verdict>(v)), "");
}

}  // namespace
}  // namespace faceauth::enroll
