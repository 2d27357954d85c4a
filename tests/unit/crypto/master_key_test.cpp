#include <faced/crypto/master_key.h>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <tests/unit/support/temp_dir.h>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace faceauth {
namespace {

namespace fs = std::filesystem;

class MasterKey : public testing::Test {
 protected:
  void TearDown() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }
  std::string write(const std::string& name, const std::string& text, mode_t mode = 0400) const {
    fs::remove(temp / name);
    return temp.write(name, text, mode);
  }
  static Errc code(const Result<Key>& key) { return key ? Errc::ok : key.error().code; }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator{}));
  }

  const test::TempDir temp;
  const std::string directory = temp.path();
  const std::string content = "0123456789abcdefghijklmnopqrstuv";
};

TEST_F(MasterKey, ReadsAFile) {
  for (const mode_t mode : {0400u, 0600u}) {
    const auto key = load_master_key("file:" + write("key" + std::to_string(mode), content, mode), false);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_TRUE(std::ranges::equal(*key.value(), content));
  }
}

TEST_F(MasterKey, RefusesWhatOthersCanReadOrWrite) {
  for (const mode_t mode : {0440u, 0404u, 0620u, 0644u, 0666u})
    EXPECT_EQ(code(load_master_key("file:" + write("key", content, mode), true)), Errc::unsafe_path) << mode;
  const std::string path = write("fine", content);
  ASSERT_EQ(::chmod(directory.c_str(), 0777), 0);
  EXPECT_EQ(code(load_master_key("file:" + path, true)), Errc::unsafe_path);
  EXPECT_EQ(code(load_master_key("file:" + directory + "/absent", true)), Errc::unsafe_path);
  EXPECT_FALSE(fs::exists(directory + "/absent"));
}

TEST_F(MasterKey, RefusesEveryOtherSizeAndLeavesTheFileAlone) {
  for (const std::size_t size : {0u, 1u, 31u, 33u, 64u}) {
    const std::string path = write("key", std::string(size, 'k'), 0600);
    EXPECT_EQ(code(load_master_key("file:" + path, true)), Errc::invalid_argument) << size;
    EXPECT_EQ(fs::file_size(path), size);
  }
}

TEST_F(MasterKey, RefusesLinksDirectoriesAndPipes) {
  const std::string path = write("key", content);
  fs::create_symlink(path, directory + "/link");
  EXPECT_NE(code(load_master_key("file:" + directory + "/link", true)), Errc::ok);
  ASSERT_EQ(::mkfifo((directory + "/pipe").c_str(), 0600), 0);
  EXPECT_NE(code(load_master_key("file:" + directory + "/pipe", true)), Errc::ok);
  fs::create_directory(directory + "/dir");
  EXPECT_NE(code(load_master_key("file:" + directory + "/dir", true)), Errc::ok);
}

TEST_F(MasterKey, CreatesOnlyWhenAllowedAndOnlyOnce) {
  const std::string path = directory + "/new.key";
  EXPECT_EQ(code(load_master_key("file:" + path, false)), Errc::not_found);
  EXPECT_EQ(files(), 0u);

  const auto made = load_master_key("file:" + path, true);
  ASSERT_TRUE(made) << made.error().message;
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0400u);
  EXPECT_EQ(status.st_size, 32);
  EXPECT_EQ(status.st_nlink, 1u);
  EXPECT_EQ(files(), 1u);
  EXPECT_FALSE(std::ranges::all_of(*made.value(), [](std::uint8_t b) { return b == 0; }));

  for (const bool may_create : {true, false}) {
    const auto again = load_master_key("file:" + path, may_create);
    ASSERT_TRUE(again);
    EXPECT_EQ(*again.value(), *made.value());
  }
}

TEST_F(MasterKey, CannotBeCreatedWhereThereIsNoDirectory) {
  EXPECT_NE(code(load_master_key("file:" + directory + "/absent/key", true)), Errc::ok);
  EXPECT_EQ(files(), 0u);
}

TEST_F(MasterKey, ReadsACredential) {
  write("faceauth.key", content, 0440);
  ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", directory.c_str(), 1), 0);
  const auto key = load_master_key("credential:faceauth.key", false);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_TRUE(std::ranges::equal(*key.value(), content));
}

TEST_F(MasterKey, NeverCreatesACredential) {
  EXPECT_EQ(code(load_master_key("credential:faceauth.key", true)), Errc::not_found);
  ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", directory.c_str(), 1), 0);
  EXPECT_EQ(code(load_master_key("credential:faceauth.key", true)), Errc::not_found);
  EXPECT_EQ(files(), 0u);
  write("short", "short");
  EXPECT_EQ(code(load_master_key("credential:short", true)), Errc::invalid_argument);
}

TEST_F(MasterKey, RefusesSourcesThatAreNone) {
  ASSERT_EQ(::setenv("CREDENTIALS_DIRECTORY", directory.c_str(), 1), 0);
  for (const char* source :
       {"", "file:", "file:relative", "file:/", "credential:", "credential:..", "credential:a/b", "tpm2:x", "/etc/key"})
    EXPECT_EQ(code(load_master_key(source, true)), Errc::invalid_argument) << source;
}

}  // namespace
}  // namespace faceauth
