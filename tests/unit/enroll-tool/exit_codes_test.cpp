#include <enroll-tool/exit_codes.h>
#include <gtest/gtest.h>

namespace faceauth::enroll {
namespace {

TEST(ExitCodes, OfErrors) {
  const std::pair<Errc, int> table[] = {
      {Errc::ok, 0},
      {Errc::invalid_argument, 2},
      {Errc::not_permitted, 3},
      {Errc::not_found, 4},
      {Errc::no_usable_face, 5},
      {Errc::duplicate_face, 1},
      {Errc::busy, 7},
      {Errc::locked_out, 7},
      {Errc::timed_out, 1},
      {Errc::unreachable, 6},
      {Errc::protocol, 70},
      {Errc::camera_unavailable, 8},
      {Errc::wrong_password, 3},
      {Errc::wrong_key, 70},
      {Errc::corrupt, 70},
      {Errc::newer_schema, 70},
      {Errc::no_space, 70},
      {Errc::io, 70},
      {Errc::unsafe_path, 70},
      {Errc::eye_failed, 70},
      {Errc::unsupported, 70},
      {Errc::cancelled, 6},
      {Errc::internal, 70},
      {Errc::camera_dark, 8},
      {Errc::camera_busy, 8},
  };
  EXPECT_EQ(std::size(table), kErrcLast + 1u);
  for (const auto& [code, exit] : table) EXPECT_EQ(static_cast<int>(exit_of(code)), exit) << errc_name(code);
}

TEST(ExitCodes, OfVerdicts) {
  struct Row {
    Verdict verdict;
    int camera, image;
  };
  const Row table[] = {
      {Verdict::error, 70, 70},
      {Verdict::match, 0, 0},
      {Verdict::no_match, 1, 1},
      {Verdict::not_live, 1, 1},
      {Verdict::no_face, 1, 5},
      {Verdict::multiple_faces, 1, 5},
      {Verdict::poor_quality, 1, 5},
      {Verdict::not_enrolled, 4, 4},
      {Verdict::locked_out, 7, 7},
      {Verdict::disabled, 7, 7},
      {Verdict::strong_auth_due, 1, 1},
      {Verdict::remote, 3, 3},
      {Verdict::not_allowed, 3, 3},
      {Verdict::busy, 7, 7},
      {Verdict::camera_unavailable, 8, 8},
      {Verdict::timeout, 1, 1},
  };
  EXPECT_EQ(std::size(table), kVerdictLast + 1u);
  for (const Row& row : table) {
    EXPECT_EQ(static_cast<int>(exit_of(row.verdict, false)), row.camera) << verdict_name(row.verdict);
    EXPECT_EQ(static_cast<int>(exit_of(row.verdict, true)), row.image) << verdict_name(row.verdict);
  }
}

TEST(ExitCodes, NoErrorIsEverAMatch) {
  for (int code = 0; code <= kErrcLast; ++code) EXPECT_NE(verdict_of(static_cast<Errc>(code)), Verdict::match);
  EXPECT_EQ(exit_of(static_cast<Errc>(200)), Exit::internal);
  EXPECT_EQ(exit_of(static_cast<Verdict>(200), true), Exit::internal);
}

}  // namespace
}  // namespace faceauth::enroll
