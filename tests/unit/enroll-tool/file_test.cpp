#include <enroll-tool/fd.h>
#include <enroll-tool/file.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/temp_dir.h"

namespace faceauth::enroll {
namespace {

constexpr FileKind kSmall{8, "a test"};

TEST(File, IsReadWholeUpToItsMost) {
  const test::TempDir dir;
  EXPECT_EQ(read_file(dir.write("empty", ""), kSmall).value(), "");
  EXPECT_EQ(read_file(dir.write("full", "12345678"), kSmall).value(), "12345678");
  const auto more = read_file(dir.write("more", "123456789"), kSmall);
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, Errc::io);
  EXPECT_EQ(more.error().message, dir / "more" + ": too large for a test");
}

TEST(File, WhatIsNoRegularFileIsNotRead) {
  const test::TempDir dir;
  EXPECT_EQ(read_file(dir / "missing", kSmall).error().code, Errc::not_found);
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  for (const std::string& path : {dir / "fifo", dir.path(), std::string("/dev/zero")}) {
    const auto read = read_file(path, kSmall);
    ASSERT_FALSE(read) << path;
    EXPECT_EQ(read.error().message, path + ": not a regular file");
  }
}

TEST(File, IsFollowedThroughALinkOnlyWhereThatIsAllowed) {
  const test::TempDir dir;
  ASSERT_EQ(::symlink(dir.write("file", "text").c_str(), (dir / "link").c_str()), 0);
  EXPECT_EQ(read_file(dir / "link", kSmall).value(), "text");
  EXPECT_FALSE(read_file(dir / "link", kSmall, O_NOFOLLOW));
}

// However far it was read before.
TEST(File, IsReadFromItsBeginning) {
  const test::TempDir dir;
  const Fd fd(::open(dir.write("file", "text").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(read_open_file(fd.get(), "file", kSmall).value(), "text");
  EXPECT_EQ(read_open_file(fd.get(), "file", kSmall).value(), "text");
}

}  // namespace
}  // namespace faceauth::enroll
