#include <enroll-tool/socket_path.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "fake_keeper.h"

namespace faceauth::enroll {
namespace {

TEST(SocketPath, ComesFromTheFile) {
  const test::TempDir dir;
  const auto file = dir.write("faced.toml", "[paths]\nsocket = \"/run/x.sock\"\n[camera]\ndevice = \"auto\"\n");
  EXPECT_EQ(socket_path(file).value(), "/run/x.sock");
  EXPECT_EQ(socket_path(dir.write("none.toml", "[paths]\nstore = \"/s\"\n")).value(), kDefaultSocket);
  EXPECT_EQ(socket_path(dir.write("empty.toml", "")).value(), kDefaultSocket);
}

TEST(SocketPath, RefusesWithFileAndLine) {
  const test::TempDir dir;
  const auto number = socket_path(dir.write("number.toml", "[paths]\n\nsocket = 7\n"));
  ASSERT_FALSE(number);
  EXPECT_EQ(number.error().code, Errc::invalid_argument);
  EXPECT_NE(number.error().message.find("number.toml:3: paths.socket"), std::string::npos) << number.error().message;
  const auto broken = socket_path(dir.write("broken.toml", "[paths]\nsocket =\n"));
  ASSERT_FALSE(broken);
  EXPECT_NE(broken.error().message.find("broken.toml:2"), std::string::npos) << broken.error().message;
  EXPECT_FALSE(socket_path(dir.write("blank.toml", "[paths]\nsocket = \"\"\n")));
}

TEST(SocketPath, OnlyTheDefaultFileMayBeMissing) {
  const test::TempDir dir;
  EXPECT_FALSE(socket_path(dir / "missing.toml"));
  EXPECT_FALSE(socket_path(dir / "."));
  EXPECT_FALSE(socket_path("/dev/zero"));
  ASSERT_EQ(::mkfifo((dir / "fifo").c_str(), 0600), 0);
  EXPECT_FALSE(socket_path(dir / "fifo"));
}

}  // namespace
}  // namespace faceauth::enroll
