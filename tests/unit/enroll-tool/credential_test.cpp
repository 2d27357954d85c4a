#include <enroll-tool/credential.h>
#include <gtest/gtest.h>
#include <tests/unit/support/temp_dir.h>

#include <filesystem>
#include <fstream>

namespace faceauth::enroll {
namespace {

std::string content(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Credential, TheOneThatWasStaysAndTheWayBackLosesNeither) {
  const test::TempDir dir;
  const SealedCredential credential{"faceauth.key", dir.write("faceauth.key", "old"), "host"};
  std::ofstream(credential.draft()) << "new";
  ASSERT_TRUE(put_in_force(credential));
  EXPECT_EQ(content(credential.file), "new");
  EXPECT_EQ(content(credential.old()), "old");
  EXPECT_FALSE(std::filesystem::exists(credential.draft()));
  ASSERT_TRUE(put_back(credential));
  EXPECT_EQ(content(credential.file), "old");
  EXPECT_EQ(content(credential.old()), "new");
}

TEST(Credential, WithoutADraftTheOneInForceStays) {
  const test::TempDir dir;
  const SealedCredential credential{"faceauth.key", dir.write("faceauth.key", "old"), "host"};
  EXPECT_FALSE(put_in_force(credential));
  EXPECT_EQ(content(credential.file), "old");
}

TEST(Credential, ANameIsNoWayToAnotherFolder) {
  EXPECT_TRUE(is_credential_name("faceauth.key"));
  for (const char* name : {"", ".", "..", "../faceauth.key", "a/b", ".hidden", "a b", "a\n"})
    EXPECT_FALSE(is_credential_name(name)) << name;
  EXPECT_FALSE(is_credential_name(std::string(300, 'a')));
}

}  // namespace
}  // namespace faceauth::enroll
