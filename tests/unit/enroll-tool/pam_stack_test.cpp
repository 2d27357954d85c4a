#include <enroll-tool/pam_stack.h>
#include <gtest/gtest.h>

namespace faceauth::enroll::pam {
namespace {

Actions control(std::string_view text) {
  Actions actions;
  parse_control(text, actions);
  return actions;
}

TEST(PamControl, TheFourWordsInAnyCase) {
  EXPECT_EQ(control("required")[kAuthErr], kBad);
  EXPECT_EQ(control("REQUISITE")[kAuthErr], kDie);
  EXPECT_EQ(control("Optional")[kAuthErr], kIgnore);
  EXPECT_EQ(control("sufficient")[kSuccess], kDone);
  EXPECT_EQ(control("sufficient")[kAuthErr], kIgnore);
  for (const char* word : {"required", "requisite", "optional"}) EXPECT_EQ(control(word)[kSuccess], kOk) << word;
}

TEST(PamControl, BracketsWithBlanksJumpsAndDefaults) {
  EXPECT_EQ(control("success=2 default=ignore")[kSuccess], 2);
  EXPECT_EQ(control("success=2 default=ignore")[kAuthErr], kIgnore);
  EXPECT_EQ(control("  success = done \t auth_err =die default = bad ")[kAuthErr], kDie);
  EXPECT_EQ(control("success=ok")[kAuthErr], kBad) << "what is not said is bad";
  EXPECT_EQ(control("default=ignore success=ok")[kSuccess], kOk) << "default leaves what comes later alone";
  EXPECT_EQ(control("auth_err=reset")[kAuthErr], kReset);
}

TEST(PamControl, AnErrorMakesEverythingBad) {
  for (const char* wrong : {"sucess=1", "success", "success=", "success=0", "success=-1", "success=maybe",
                            "success=1 default", "success=99999999999", "=ok", "requiredd"}) {
    Actions actions;
    EXPECT_FALSE(parse_control(wrong, actions)) << wrong;
    EXPECT_EQ(actions[kSuccess], kBad) << wrong;
  }
}

TEST(PamFile, LinesWithTheirPlaces) {
  const std::string text =
      "#%PAM-1.0\n\n"
      "auth\t[success=1 default=ignore]\tpam_unix.so nullok  # a comment\n"
      "-auth optional pam_gnome_keyring.so\n"
      "  AUTH required /lib/security/pam_env.so [a b\\]c] d\n"
      "@include common-account\n"
      "session include other-file\n"
      "auth substack sub";
  const File file = parse_file(text);
  ASSERT_EQ(file.lines.size(), 6u);
  EXPECT_TRUE(file.doubts.empty());
  EXPECT_EQ(file.lines[0].number, 3);
  EXPECT_EQ(file.lines[0].actions[kSuccess], 1);
  EXPECT_EQ(file.lines[0].words, std::vector<std::string>{"nullok"});
  EXPECT_EQ(text.substr(file.lines[0].begin, 4), "auth");
  EXPECT_EQ(text[file.lines[0].end - 1], '\n');
  EXPECT_EQ(file.lines[1].type, "auth");
  EXPECT_EQ(module_name(file.lines[2].target), "pam_env.so");
  EXPECT_EQ(file.lines[2].words, (std::vector<std::string>{"a b]c", "d"}));
  EXPECT_EQ(file.lines[3].kind, Kind::include);
  EXPECT_TRUE(file.lines[3].whole_file);
  EXPECT_EQ(file.lines[4].type, "session");
  EXPECT_EQ(file.lines[5].kind, Kind::substack);
  EXPECT_EQ(file.lines[5].end, text.size());
}

TEST(PamFile, AContinuedLineIsOne) {
  const std::string text = "auth \\\n\trequired\\\n pam_unix.so \\\n try_first_pass\nauth required pam_deny.so\n";
  const File file = parse_file(text);
  ASSERT_EQ(file.lines.size(), 2u);
  EXPECT_TRUE(file.doubts.empty());
  EXPECT_EQ(file.lines[0].target, "pam_unix.so");
  EXPECT_EQ(file.lines[0].words, std::vector<std::string>{"try_first_pass"});
  EXPECT_EQ(text.substr(file.lines[0].end, 10), "auth requi");
  EXPECT_EQ(file.lines[1].number, 5);
}

TEST(PamFile, ABrokenLineIsOneThatFails) {
  for (const char* row : {"auth", "auth required", "@include", "frob required pam_permit.so", "auth include"}) {
    const File file = parse_file(row);
    ASSERT_EQ(file.lines.size(), 1u) << row;
    EXPECT_NE(file.lines[0].error, "") << row;
    EXPECT_EQ(file.lines[0].type, "auth") << row;
    EXPECT_EQ(file.lines[0].kind, Kind::module) << row;
  }
}

TEST(PamFile, WhatVersionsOfLibpamReadDifferentlyIsADoubt) {
  const std::string doubtful[] = {
      std::string("auth required pam_unix.so\0 x\n", 29),
      "auth required pam_unix.so\r\n",
      "auth required \\\n",
      "auth required \\\n# comment\npam_unix.so\n",
      "auth required \\\n\npam_unix.so\n",
      "auth required \\ \npam_unix.so\n",
      "auth required pam_unix.so \\ # comment\n",
      "#" + std::string(1100, 'x') + "\n",
      "auth required pam_unix.so " + std::string(600, 'a') + " \\\n" + std::string(600, 'b') + "\n",
  };
  for (const std::string& text : doubtful) EXPECT_FALSE(parse_file(text).doubts.empty()) << text;
  EXPECT_TRUE(parse_file("auth required pam_unix.so # fine \\\n# so \\\n").doubts.empty());
}

TEST(PamFile, HugeAndEmptyFiles) {
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "auth optional pam_permit.so\n";
  EXPECT_EQ(parse_file(many).lines.size(), 20'000u);
  EXPECT_TRUE(parse_file("").lines.empty());
  EXPECT_TRUE(parse_file("\n\n# \n   \t\n").lines.empty());
  EXPECT_TRUE(parse_file(std::string(100'000, '[')).doubts.size() > 0);
}

}  // namespace
}  // namespace faceauth::enroll::pam
