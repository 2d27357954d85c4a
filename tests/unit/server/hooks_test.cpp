// Real programs, run as a keeper runs them.
#include <faced/server/hooks.h>

#include <tests/unit/support/temp_dir.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace faceauth {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

class HooksTest : public testing::Test {
 protected:
  std::string script(const std::string& body) {
    const std::string path = dir / "hook";
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    ::chmod(path.c_str(), 0755);
    return path;
  }
  HookCall call(std::uint32_t by_uid = 0, const std::string& event = "enroll") const {
    const bool weighty = event == "enroll";
    return {dir / "hook", event, {"PATH=/usr/bin:/bin", "FACEAUTH_USER=ann; touch pwned"}, by_uid, "ann", weighty};
  }
  std::string out() const {
    std::ifstream file(dir / "out");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::size_t lines() const {
    const std::string text = out();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
  // Until `done`, or for 20 s.
  template <class Done>
  bool run_until(Done done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done() && std::chrono::steady_clock::now() < end) io.run_for(milliseconds(20)), io.restart();
    return done();
  }
  // Dead, whether or not somebody has reaped it.
  static bool gone(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(stat), {}};
    const std::size_t name_ends = text.rfind(") ");
    return name_ends == std::string::npos || text[name_ends + 2] == 'Z';
  }
  // From here on, in this process and those it starts.
  static bool refuse(unsigned call) {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
  }
  pid_t written_pid() const { return static_cast<pid_t>(std::atoi(out().c_str())); }

  test::TempDir dir;
  asio::io_context io{1};
  Hooks hooks{io, milliseconds(2000)};
};

TEST_F(HooksTest, ItGetsAnArgumentAndAnEnvironmentAndNothingElse) {
  const std::string file = dir / "out";
  script(
      "{ echo \"$# $1\"; env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= | sort; pwd; ls /proc/self/fd | wc -l; "
      "readlink /proc/self/fd/0; } > " +
      file + ".new; mv " + file + ".new " + file);
  ::setenv("FACEAUTH_SECRET", "s", 1);
  hooks.run(call());
  ASSERT_TRUE(run_until([&] { return !out().empty(); }));
  EXPECT_THAT(out(), HasSubstr("1 enroll\nFACEAUTH_USER=ann; touch pwned\nPATH=/usr/bin:/bin\n/\n"));
  EXPECT_THAT(out(), HasSubstr("/dev/null\n"));
  EXPECT_THAT(out(), Not(HasSubstr("SECRET")));
}

TEST_F(HooksTest, WhatTakesTooLongIsKilledWithAllThatItStarted) {
  script("sleep 60 & echo $! > " + (dir / "out") + "; sleep 60");
  const auto begun = std::chrono::steady_clock::now();
  hooks.run(call());
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(1500)) << "nobody waits for it";
  ASSERT_TRUE(run_until([&] { return written_pid() > 0; }));
  EXPECT_FALSE(gone(written_pid()));
  EXPECT_TRUE(run_until([&] { return gone(written_pid()); }));
}

TEST_F(HooksTest, NothingIsLeftBehindByOneThatEnds) {
  script("sleep 60 & echo $! > " + (dir / "out"));
  hooks.run(call());
  ASSERT_TRUE(run_until([&] { return written_pid() > 0; }));
  EXPECT_TRUE(run_until([&] { return gone(written_pid()); }));
}

TEST_F(HooksTest, WhatOthersCanWriteIsNotRun) {
  const std::string path = script("echo ran >> " + (dir / "out"));
  ::chmod(path.c_str(), 0777);
  hooks.run(call());
  io.run_for(milliseconds(300));
  EXPECT_EQ(out(), "");
  io.restart();
  ::chmod(path.c_str(), 0755);
  hooks.run(call());
  EXPECT_TRUE(run_until([&] { return lines() == 1; }));
}

TEST_F(HooksTest, OneUserCannotTakeEveryPlaceAndRootsCallsWait) {
  script("echo ran >> " + (dir / "out") + "; sleep 0.1");
  for (int i = 0; i < 10; ++i) hooks.run(call(1000));
  for (int i = 0; i < 6; ++i) hooks.run(call());
  EXPECT_TRUE(run_until([&] { return lines() == Hooks::kPerUid + 6; })) << out();
  io.run_for(milliseconds(300));
  EXPECT_EQ(lines(), Hooks::kPerUid + 6) << "the user's others were left out";
}

// Whoever can make light changes as fast as he likes could else keep the hook from hearing of the one that counts.
TEST_F(HooksTest, LightChangesOfAUserKeepNoRoomFromAWeightyOne) {
  script("echo \"$1\" >> " + (dir / "out") + "; sleep 0.1");
  for (int i = 0; i < 10; ++i) hooks.run(call(1000, "disable"));
  for (int i = 0; i < 10; ++i) hooks.run(call(1000, "adapt"));
  testing::internal::CaptureStderr();
  for (int i = 0; i < 3; ++i) hooks.run(call(1000, "enroll"));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("the hook is not run for enroll of ann: too many changes at once"));
  const std::size_t expected = 3 * Hooks::kPerUid;
  EXPECT_TRUE(run_until([&] { return lines() == expected; })) << out();
  io.run_for(milliseconds(300));
  EXPECT_EQ(lines(), expected) << "two of each";
  EXPECT_THAT(out(), HasSubstr("enroll\nenroll\n"));
}

TEST_F(HooksTest, TheLastPlacesAreForWeightyChanges) {
  script("echo \"$1\" >> " + (dir / "out"));
  for (std::size_t i = 0; i < 100; ++i) hooks.run(call(0, "remove"));
  for (int i = 0; i < 3; ++i) hooks.run(call(0, "enroll"));
  constexpr std::size_t kLight = Hooks::kAtOnce + Hooks::kLightWaitingMost;
  EXPECT_TRUE(run_until([&] { return lines() == kLight + 3; })) << lines();
  std::size_t weighty = 0;  // several hooks run at once: in any order
  for (std::size_t at = 0; (at = out().find("enroll\n", at)) != std::string::npos; ++at) ++weighty;
  EXPECT_EQ(weighty, 3u);
}

TEST_F(HooksTest, AFloodIsCutOff) {
  script("echo ran >> " + (dir / "out"));
  for (std::size_t i = 0; i < 100; ++i) hooks.run(call());
  constexpr std::size_t kMost = Hooks::kAtOnce + Hooks::kWaitingMost;
  EXPECT_TRUE(run_until([&] { return lines() == kMost; })) << lines();
  io.run_for(milliseconds(200));
  EXPECT_EQ(lines(), kMost);
}

// One that cannot be watched is killed, and its end is not waited for; a later call reaps it.
TEST_F(HooksTest, WhatCannotBeWatchedIsKilledWithoutWaiting) {
  script("echo $$ >> " + (dir / "out") + "; sleep 60");
  const pid_t child = ::fork();
  if (child == 0) {
    const bool refused = refuse(SYS_pidfd_open);
    const auto begun = std::chrono::steady_clock::now();
    hooks.run(call());
    const bool at_once = std::chrono::steady_clock::now() - begun < milliseconds(1500);
    ::usleep(300'000);
    hooks.run(call());  // reaps the first, starts another
    ::usleep(300'000);
    hooks.run({dir / "none", "enroll", {}, 0, "ann", true});
    const bool none_left = ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
    ::_exit(refused && at_once && none_left ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace faceauth
