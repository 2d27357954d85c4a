// Which process has a device open: a terminal of this test stands in for the camera.
#include <enroll-tool/fd.h>
#include <enroll-tool/holders.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace faceauth::enroll {
namespace {

// A device that nobody else has open.
class OwnDevice {
 public:
  OwnDevice() {
    int master = -1, slave = -1;
    std::array<char, 64> name{};
    if (::openpty(&master, &slave, name.data(), nullptr, nullptr) == 0) path_ = name.data();
    master_ = Fd(master);
    ::close(slave);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  Fd master_;
  std::string path_;
};

bool has(const std::vector<Holder>& holders, int pid) {
  return std::any_of(holders.begin(), holders.end(), [pid](const Holder& h) { return h.pid == pid; });
}

TEST(Holders, AProcessThatHasTheDeviceOpenIsFoundUntilItLetsGo) {
  const OwnDevice device;
  EXPECT_TRUE(holders_of(device.path()).empty());
  {
    const Fd open(::open(device.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    ASSERT_TRUE(open.valid());
    const std::vector<Holder> found = holders_of(device.path());
    ASSERT_TRUE(has(found, ::getpid()));
    EXPECT_NE(words_for(found).find("unit_enroll-too"), std::string::npos) << words_for(found);
    EXPECT_NE(words_for(found).find("(process " + std::to_string(::getpid()) + " of "), std::string::npos);
  }
  EXPECT_FALSE(has(holders_of(device.path()), ::getpid()));
}

TEST(Holders, AnotherDeviceIsNotMixedUp) {
  const OwnDevice one, other;
  const Fd open(::open(one.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  EXPECT_FALSE(has(holders_of(other.path()), ::getpid()));
  EXPECT_FALSE(has(holders_of_cameras(), ::getpid()));
}

TEST(Holders, WhatIsNoDeviceHasNone) {
  for (const char* path : {"/etc/passwd", "/", "/dev/video-that-is-not-there"})
    EXPECT_TRUE(holders_of(path).empty()) << path;
}

}  // namespace
}  // namespace faceauth::enroll
