// Which process has a device open: a terminal of this test stands in for the camera.
#include <enroll-tool/fd.h>
#include <enroll-tool/holders.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace faceauth::enroll {
namespace {

constexpr uid_t kServer = 0, kSomebody = 54321, kOther = 54322;

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
  EXPECT_TRUE(holders_of(device.path(), kServer).empty());
  {
    const Fd open(::open(device.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    ASSERT_TRUE(open.valid());
    const std::vector<Holder> found = holders_of(device.path(), kServer);
    ASSERT_TRUE(has(found, ::getpid()));
    EXPECT_NE(words_for(found).find("unit_enroll-too"), std::string::npos) << words_for(found);
    EXPECT_NE(words_for(found).find("(process " + std::to_string(::getpid()) + " of "), std::string::npos);
  }
  EXPECT_FALSE(has(holders_of(device.path(), kServer), ::getpid()));
}

// A process that has the device open and calls itself as it likes.
class Named {
 public:
  Named(const std::string& device, const char* name, uid_t uid) {
    int ready[2];
    if (::pipe2(ready, O_CLOEXEC) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      const int open = ::open(device.c_str(), O_RDWR | O_NOCTTY);
      const bool is = open >= 0 && (uid == 0 || ::setresuid(uid, uid, uid) == 0) && ::prctl(PR_SET_NAME, name) == 0 &&
                      ::prctl(PR_SET_DUMPABLE, 0) == 0;
      if (!is || ::write(ready[1], "y", 1) != 1) ::_exit(1);
      for (;;) ::pause();
    }
    ::close(ready[1]);
    char byte = 0;
    runs_ = ::read(ready[0], &byte, 1) == 1;
    ::close(ready[0]);
  }
  Named(const Named&) = delete;
  Named& operator=(const Named&) = delete;
  ~Named() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  [[nodiscard]] pid_t pid() const { return runs_ ? pid_ : -1; }

 private:
  pid_t pid_ = -1;
  bool runs_ = false;
};

TEST(Holders, OfTheDaemonsNameOnlyTheDaemonsUserIsLeftOut) {
  if (::geteuid() != 0) GTEST_SKIP() << "starts processes of others";
  const OwnDevice device;
  for (const char* name : {"faced", "faced-vision"}) {
    const Named roots(device.path(), name, 0), servers(device.path(), name, kSomebody);
    const Named others(device.path(), name, kOther), else_named(device.path(), "cheese", kSomebody);
    for (const Named* one : {&roots, &servers, &others, &else_named}) ASSERT_GT(one->pid(), 0);
    const std::vector<Holder> found = holders_of(device.path(), kSomebody);
    EXPECT_FALSE(has(found, roots.pid()));
    EXPECT_FALSE(has(found, servers.pid()));
    EXPECT_TRUE(has(found, others.pid())) << "a name is anybody's";
    EXPECT_TRUE(has(found, else_named.pid()));
    EXPECT_NE(words_for(found).find("of " + std::to_string(kOther)), std::string::npos) << words_for(found);
    EXPECT_TRUE(has(holders_of(device.path(), kServer), servers.pid())) << "who serves elsewhere is nobody special";
  }
}

TEST(Holders, AnotherDeviceIsNotMixedUp) {
  const OwnDevice one, other;
  const Fd open(::open(one.path().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  EXPECT_FALSE(has(holders_of(other.path(), kServer), ::getpid()));
  EXPECT_FALSE(has(holders_of_cameras(kServer), ::getpid()));
}

TEST(Holders, WhatIsNoDeviceHasNone) {
  for (const char* path : {"/etc/passwd", "/", "/dev/video-that-is-not-there"})
    EXPECT_TRUE(holders_of(path, kServer).empty()) << path;
}

}  // namespace
}  // namespace faceauth::enroll
