#include <faceauth/bytes.h>

#include <gtest/gtest.h>

#include <cstdint>

namespace faceauth {
namespace {

TEST(Writer, is_little_endian) {
  std::uint8_t out[15];
  Writer w(out, sizeof out);
  w.u8(0x01);
  w.u16(0x0302);
  w.u32(0x07060504);
  w.u64(0x0f0e0d0c0b0a0908);
  ASSERT_TRUE(w.good());
  ASSERT_EQ(w.size(), 15u);
  for (std::uint8_t i = 0; i < 15; ++i) EXPECT_EQ(out[i], i + 1);
  Reader r(out, sizeof out);
  EXPECT_EQ(r.u8(), 0x01);
  EXPECT_EQ(r.u16(), 0x0302);
  EXPECT_EQ(r.u32(), 0x07060504u);
  EXPECT_EQ(r.u64(), 0x0f0e0d0c0b0a0908u);
  EXPECT_TRUE(r.complete());
}

TEST(Writer, never_writes_past_the_end_and_stays_failed) {
  std::uint8_t out[5] = {9, 9, 9, 9, 9};
  Writer w(out, 3);
  w.u16(0);
  w.u16(0);
  EXPECT_FALSE(w.good());
  w.u8(0);
  EXPECT_FALSE(w.good());
  EXPECT_EQ(w.size(), 0u);
  EXPECT_EQ(out[2], 9);
  EXPECT_EQ(out[3], 9);
}

TEST(Writer, refuses_a_blob_above_its_limit) {
  std::uint8_t out[16];
  const std::uint8_t in[4] = {1, 2, 3, 4};
  Writer fits(out, sizeof out), longer(out, sizeof out);
  fits.blob({in, 4}, 4);
  longer.blob({in, 4}, 3);
  EXPECT_EQ(fits.size(), 6u);
  EXPECT_FALSE(longer.good());
}

TEST(Reader, yields_zeros_after_the_first_failure) {
  const std::uint8_t in[3] = {1, 2, 3};
  Reader r(in, sizeof in);
  EXPECT_EQ(r.u32(), 0u);
  EXPECT_EQ(r.u8(), 0);  // though bytes are left
  std::uint8_t raw[2] = {7, 7};
  r.raw(raw, sizeof raw);
  EXPECT_EQ(raw[0] + raw[1], 0);
  EXPECT_FALSE(r.good());
  EXPECT_FALSE(r.complete());
}

TEST(Reader, is_not_complete_while_bytes_are_left) {
  const std::uint8_t in[2] = {1, 2};
  Reader r(in, sizeof in);
  r.u8();
  EXPECT_TRUE(r.good());
  EXPECT_FALSE(r.complete());
  r.u8();
  EXPECT_TRUE(r.complete());
}

TEST(Reader, refuses_blobs_that_are_too_long_or_not_there) {
  const std::uint8_t three[] = {3, 0, 'a', 'b', 'c'};
  const std::uint8_t short_by_one[] = {3, 0, 'a', 'b'};
  Reader fits(three, sizeof three), above(three, sizeof three), cut(short_by_one, sizeof short_by_one);
  EXPECT_EQ(fits.blob(3).size, 3u);
  EXPECT_TRUE(fits.complete());
  EXPECT_EQ(above.blob(2).size, 0u);
  EXPECT_FALSE(above.good());
  EXPECT_EQ(cut.blob(3).size, 0u);
  EXPECT_FALSE(cut.good());
}

TEST(Reader, flags_and_enumerations_are_strict) {
  const std::uint8_t in[] = {1, 2};
  Reader yes(in, 1), neither(in + 1, 1), inside(in + 1, 1), outside(in + 1, 1);
  EXPECT_TRUE(yes.flag());
  EXPECT_FALSE(neither.flag());
  EXPECT_FALSE(neither.good());
  EXPECT_EQ(inside.upto(2), 2);
  EXPECT_EQ(outside.upto(1), 0);
  EXPECT_FALSE(outside.good());
}

}  // namespace
}  // namespace faceauth
