#include <enroll-tool/redaction.h>
#include <gtest/gtest.h>

namespace faceauth::enroll {
namespace {

std::string shown(const std::string& text) { return redacted(text, {"ann", "b.o-b"}, "box"); }

TEST(Redaction, ANameIsFoundWhateverStandsAroundIt) {
  for (const char* around : {"", ".", "...", "-", "--", "'", "\"", "/", "=", "@", " ", "\n", "<", "."}) {
    const std::string text = std::string(around) + "ann" + around;
    EXPECT_EQ(shown(text), std::string(around) + "<user 1>" + around);
  }
  EXPECT_EQ(shown("ann annann b.o-b... box."), "<user 1> annann <user 2>... <host>.");
}

TEST(Redaction, WordsThatOnlyHoldANameStay) {
  for (const char* word : {"annex", "hann", "ann_2", "ann.example", "jo-ann", "ann-1", "b.o", "boxes"})
    EXPECT_EQ(shown(word), word);
}

TEST(Redaction, WhatCouldBeAKeyGoes) {
  EXPECT_EQ(shown("k " + std::string(31, '1') + " " + std::string(32, '1') + "== x"),
            "k " + std::string(31, '1') + " <removed> x");
}

TEST(Redaction, OneWordIsWhatItCouldFind) {
  EXPECT_TRUE(is_one_word("b.o-b_1"));
  EXPECT_FALSE(is_one_word("b o"));
}

}  // namespace
}  // namespace faceauth::enroll
