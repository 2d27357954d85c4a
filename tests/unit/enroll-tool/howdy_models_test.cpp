// Howdy's files: what its own `add` writes is read; everything else is refused, and nothing of it is told.
#include <enroll-tool/howdy_models.h>
#include <faceauth/limits.h>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <string>

namespace faceauth::enroll {
namespace {

std::string encoding(const std::string& first = "-0.08151589334011078", std::size_t numbers = 128) {
  std::string row = "[" + first;
  for (std::size_t i = 1; i < numbers; ++i) row += ", 0.1203";
  return row + "]";
}

std::string model(const std::string& data, const std::string& label = "\"Initial model\"",
                  const std::string& time = "1704067200") {
  return fmt::format(R"({{"time": {}, "label": {}, "id": 0, "data": [{}]}})", time, label, data);
}

TEST(HowdyModels, WhatHowdyWrites) {
  const auto models =
      parse_howdy("[" + model(encoding()) + ", " + model(encoding("0.5"), "\"glasses\"", "1704067260") + "]");
  ASSERT_TRUE(models) << models.error().message;
  ASSERT_EQ(models->size(), 2u);
  EXPECT_EQ((*models)[0].label, "Initial model");
  EXPECT_EQ((*models)[0].created, 1704067200u);
  EXPECT_FLOAT_EQ((*models)[0].encoding[0], -0.0815159F);
  EXPECT_FLOAT_EQ((*models)[0].encoding[127], 0.1203F);
  EXPECT_EQ((*models)[1].label, "glasses");
  EXPECT_FLOAT_EQ((*models)[1].encoding[0], 0.5F);
}

TEST(HowdyModels, AnEmptyListHasNone) {
  const auto models = parse_howdy("[]");
  ASSERT_TRUE(models);
  EXPECT_TRUE(models->empty());
}

TEST(HowdyModels, AModelOfTwoEncodingsGivesTwo) {
  const auto models = parse_howdy("[" + model(encoding() + ", " + encoding("0.25")) + "]");
  ASSERT_TRUE(models);
  ASSERT_EQ(models->size(), 2u);
  EXPECT_FLOAT_EQ((*models)[1].encoding[0], 0.25F);
  EXPECT_EQ((*models)[1].label, "Initial model");
}

TEST(HowdyModels, AnythingElseIsRefused) {
  const std::string good = model(encoding());
  const std::string many = [&] {
    std::string text = "[" + good;
    for (std::size_t i = 0; i < kHowdyModelsMost; ++i) text += "," + good;
    return text + "]";
  }();
  const std::string wrong[] = {"",
                               "{}",
                               "[",
                               "null",
                               "[1]",
                               "[[]]",
                               "[{}]",
                               "[" + good,
                               "[" + good + "] more",
                               "[" + model(encoding("0.1", 127)) + "]",
                               "[" + model(encoding("0.1", 129)) + "]",
                               "[" + model(encoding("\"0.1\"")) + "]",
                               "[" + model(encoding("null")) + "]",
                               "[" + model(encoding("1e400")) + "]",
                               "[" + model(encoding("11")) + "]",
                               "[" + model(encoding("NaN")) + "]",
                               "[" + model("") + "]",
                               "[" + model(encoding(), "7") + "]",
                               "[" + model(encoding(), "\"" + std::string(limits::kLabelMax + 1, 'x') + "\"") + "]",
                               "[" + model(encoding(), "\"\xff\"") + "]",
                               "[" + model(encoding(), "\"a\"", "-1") + "]",
                               "[" + model(encoding(), "\"a\"", "1e300") + "]",
                               "[" + model(encoding(), "\"a\"", "\"today\"") + "]",
                               std::string(100'000, '['),
                               std::string(kHowdyFileMost + 1, ' '),
                               many};
  for (const std::string& text : wrong) {
    const auto models = parse_howdy(text);
    ASSERT_FALSE(models) << text.substr(0, 200);
    EXPECT_EQ(models.error().code, Errc::invalid_argument);
  }
}

TEST(HowdyModels, AnErrorTellsNothingOfTheFile) {
  const auto models = parse_howdy("root:$6$salt$hash:19000:0:99999:7:::\n");
  ASSERT_FALSE(models);
  EXPECT_EQ(models.error().message, "not a file of Howdy's models: it is no JSON list");
}

TEST(HowdyModels, ALabelSteersNoTerminal) {
  const auto models = parse_howdy("[" + model(encoding(), R"("a\u001b[2J\u0000b")") + "]");
  ASSERT_TRUE(models);
  EXPECT_EQ((*models)[0].label, "a?[2J?b");
}

TEST(HowdyModels, BracketsInALabelAreNoNesting) {
  EXPECT_TRUE(parse_howdy("[" + model(encoding(), R"("[[[[[[[[[[\"[[[[\\")") + "]"));
}

TEST(HowdyUser, ByTheFilesName) {
  EXPECT_EQ(howdy_user("alice.dat"), "alice");
  EXPECT_EQ(howdy_user("a.b.dat"), "a.b");
  for (const char* wrong : {"", ".dat", "alice", "alice.dat~", "-rf.dat", "..dat", "a/b.dat", "a\033b.dat"})
    EXPECT_EQ(howdy_user(wrong), "") << wrong;
  EXPECT_EQ(howdy_user(std::string(limits::kUserNameMax + 1, 'a') + ".dat"), "");
}

}  // namespace
}  // namespace faceauth::enroll
