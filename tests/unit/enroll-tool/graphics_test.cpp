// Pictures as text: what a terminal is sent holds nothing but what we mean to send.
#include <enroll-tool/graphics.h>
#include <enroll-tool/screen.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace faceauth::enroll {
namespace {

Picture plain(std::uint32_t width, std::uint32_t height, Colour colour) {
  Picture p{width, height, width, height, {}};
  for (std::uint32_t i = 0; i < width * height; ++i) p.rgb.insert(p.rgb.end(), colour.begin(), colour.end());
  return p;
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(Graphics, HalfBlocksHaveTwoPixelsACharacter) {
  Picture p = plain(4, 4, {10, 20, 30});
  for (std::size_t i = 0; i < 24; i += 3) p.rgb[i] = 200;  // the upper two rows
  const std::string text = half_blocks(p, {4, 2}, true);
  EXPECT_EQ(count(text, "\xe2\x96\x80"), 8U);
  EXPECT_EQ(count(text, "38;2;200;20;30"), 4U);
  EXPECT_EQ(count(text, "48;2;10;20;30"), 4U) << text;
  EXPECT_EQ(count(text, "\r\n"), 1U);
}

TEST(Graphics, With256ColoursTheNearestOfTheCube) {
  const std::string text = half_blocks(plain(1, 2, {255, 0, 0}), {1, 1}, false);
  EXPECT_EQ(count(text, "38;5;196m"), 1U);
  EXPECT_EQ(count(text, ";2;"), 0U);
}

TEST(Graphics, SixelIsOneStringOfItsOwnAlphabet) {
  const std::string text = sixel(plain(40, 30, {255, 255, 255}), {5, 2}, {8, 15});
  ASSERT_TRUE(text.starts_with("\x1bP0;1;0q\"1;1;40;30")) << text.substr(0, 30);
  ASSERT_TRUE(text.ends_with("\x1b\\"));
  const std::string body = text.substr(2, text.size() - 4);
  EXPECT_TRUE(std::all_of(body.begin(), body.end(), [](char c) { return c >= '!' && c <= '~'; }));
  EXPECT_EQ(count(body, "-"), 5U) << "bands of six rows";
  EXPECT_EQ(count(body, "#251!40~$-"), 5U) << "white, in one run";
}

TEST(Graphics, KittyIsSentInChunksOfWhichOnlyTheLastEnds) {
  const std::string text = kitty(plain(64, 48, {1, 2, 3}), {20, 8});
  EXPECT_EQ(count(text, "a=T,f=24,s=64,v=48,c=20,r=8"), 1U);
  EXPECT_EQ(count(text, "m=1;"), 2U);
  EXPECT_EQ(count(text, "m=0;"), 1U);
}

TEST(Graphics, Base64) {
  const auto of = [](const std::string& s) {
    return base64(reinterpret_cast<const std::uint8_t*>(s.data()), s.size());
  };
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of("f"), "Zg==");
  EXPECT_EQ(of("fo"), "Zm8=");
  EXPECT_EQ(of("foobar"), "Zm9vYmFy");
}

TEST(Graphics, ThePictureKeepsItsShape) {
  const Picture p = plain(320, 240, {0, 0, 0});
  const Cells wide = cells_for(p, {200, 30}, {8, 16});
  EXPECT_EQ(wide.rows, 30U);
  EXPECT_EQ(wide.columns, 80U);
  const Cells narrow = cells_for(p, {40, 30}, {8, 16});
  EXPECT_EQ(narrow.columns, 40U);
  EXPECT_EQ(narrow.rows, 15U);
  EXPECT_EQ(cells_for(p, {0, 0}, {8, 16}).rows, 0U);
}

TEST(Graphics, ABoxBeyondThePictureIsDrawnAsFarAsItGoes) {
  Picture p = plain(20, 20, {0, 0, 0});
  draw_box(p, {-50, -50, 1000, 1000}, {255, 0, 0});
  EXPECT_EQ(p.rgb[0], 255);
  EXPECT_EQ(p.rgb[3 * (10 * 20 + 10)], 0);
  const Picture before = p;
  draw_box(p, {__builtin_nanf(""), 0, 1, 1}, {0, 255, 0});
  EXPECT_EQ(p.rgb, before.rgb);
}

TEST(TerminalAnswers, AreReadWhateverElseIsSaid) {
  const TerminalAnswers all =
      parse_answers("\x1b_Gi=31;OK\x1b\\\x1bP1$r0;48:2::1:2:3m\x1b\\q\x1b[?1;0;256S\x1b[6;18;9t\x1b[?62;4;22c");
  EXPECT_TRUE(all.kitty && all.true_color && all.sixel && all.complete);
  EXPECT_EQ(all.colour_registers, 256U);
  EXPECT_EQ(all.cell.width, 9U);
  EXPECT_EQ(all.cell.height, 18U);
}

TEST(TerminalAnswers, NothingIsTakenForSaidThatWasNot) {
  const TerminalAnswers plain = parse_answers("\x1b[?62;22c");
  EXPECT_TRUE(plain.complete);
  EXPECT_FALSE(plain.kitty || plain.true_color || plain.sixel);
  for (const char* text : {"", "\x1b", "\x1b[", "\x1b[?", "\x1b_G", "\x1b_Gi=31;ENOTSUPPORTED\x1b\\", "\x1b[4c",
                           "\x1b[6;9999;9999t", "\x1bP0$r\x1b\\", "q4c"}) {
    const TerminalAnswers none = parse_answers(text);
    EXPECT_FALSE(none.kitty || none.true_color || none.sixel || none.complete) << text;
    EXPECT_EQ(none.cell.width, 0U) << text;
  }
}

}  // namespace
}  // namespace faceauth::enroll
