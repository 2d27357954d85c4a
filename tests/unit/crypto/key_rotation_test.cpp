#include <faced/crypto/key_rotation.h>
#include <faced/crypto/master_key.h>
#include <tests/unit/support/temp_dir.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace faceauth {
namespace {

namespace fs = std::filesystem;

template <class T>
Errc code(const Result<T>& result) {
  return result ? Errc::ok : result.error().code;
}

class KeyRotation : public testing::Test {
 protected:
  const test::TempDir temp;
  const std::string path = temp.write("key", "0123456789abcdefghijklmnopqrstuv", 0400);
  const std::string source = "file:" + path;
};

TEST_F(KeyRotation, TheNewKeyLiesBesideTheOldOneAndThenInItsPlace) {
  const auto old = load_master_key(source, false);
  const auto fresh = draft_file_key(source);
  ASSERT_TRUE(old && fresh);
  EXPECT_EQ(*load_master_key(source, false).value(), *old.value()) << "nothing has changed yet";
  EXPECT_EQ(*load_master_key(source + ".new", false).value(), *fresh.value());
  ASSERT_TRUE(install_file_key(source));
  EXPECT_EQ(*load_master_key(source, false).value(), *fresh.value());
  EXPECT_FALSE(fs::exists(path + ".new"));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0400u);
}

TEST_F(KeyRotation, WhatTheOldFileHeldIsOverwritten) {
  const int old = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_TRUE(draft_file_key(source) && install_file_key(source));
  std::string left(64, '\0');
  left.resize(static_cast<std::size_t>(std::max(ssize_t{0}, ::pread(old, left.data(), left.size(), 0))));
  ::close(old);
  EXPECT_EQ(left.size(), 32u);
  EXPECT_NE(left, "0123456789abcdefghijklmnopqrstuv");
}

TEST_F(KeyRotation, ADraftThatWasLeftIsReplacedOrDiscarded) {
  const auto first = draft_file_key(source), second = draft_file_key(source);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*load_master_key(source + ".new", false).value(), *second.value());
  discard_file_key(source);
  EXPECT_FALSE(fs::exists(path + ".new"));
  discard_file_key(source);
  EXPECT_EQ(code(install_file_key(source)), Errc::io) << "there is nothing to install";
  EXPECT_TRUE(load_master_key(source, false));
}

TEST_F(KeyRotation, OnlyFileKeysInASafePlace) {
  EXPECT_EQ(code(draft_file_key("credential:faceauth.key")), Errc::invalid_argument);
  EXPECT_EQ(code(draft_file_key("file:relative")), Errc::invalid_argument);
  ASSERT_EQ(::chmod(temp.path().c_str(), 0777), 0);
  EXPECT_EQ(code(draft_file_key(source)), Errc::unsafe_path);
  EXPECT_FALSE(fs::exists(path + ".new"));
}

}  // namespace
}  // namespace faceauth
