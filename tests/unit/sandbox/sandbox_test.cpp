// Tries to get out, from inside: every attempt runs in a process of its own that the eye's own code locked in, once as
// the first process and once as a worker, and once outside, where it must succeed or the attempt would show nothing.
#include <faced/vision/confine.h>
#include <faced/vision/landlock.h>
#include <faced/vision/syscall_filter.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/videodev2.h>
#include <sys/ioctl.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "attempts.h"

namespace faceauth::vision {
namespace {

enum class Where { outside, landlock_alone, filter_alone, first_process, worker };

constexpr int kNotLockedIn = 250, kUnknownErrno = 249;

struct Ending {
  bool succeeded = false, locked_in = true;
  std::string how;
};

Ending ending_of(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = ::sigabbrev_np(WTERMSIG(status));
    return {false, true, WTERMSIG(status) == SIGSYS ? "killed" : std::string("SIG") + (name != nullptr ? name : "?")};
  }
  const int code = WEXITSTATUS(status);
  if (code == kNotLockedIn) return {false, false, "not locked in"};
  if (code == 0) return {true, true, "SUCCEEDED"};
  const char* name = ::strerrorname_np(code);
  return {false, true, name != nullptr ? name : std::to_string(code)};
}

class Sandbox : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "faceauth-sandbox-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  // In a process of its own: prepares, locks in, tries.
  Ending attempt(const Attempt& what, Where where) {
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directory(directory_);
    std::fflush(stdout);
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(try_it(what, where));
    int status = 0;
    ::waitpid(pid, &status, 0);
    return ending_of(status);
  }

 private:
  Targets prepare() const {
    Targets t;
    t.directory = directory_;
    t.store = directory_ + "/store";
    std::ofstream(t.store) << "templates";
    std::ofstream(t.directory + "/victim.txt") << "text";
    std::filesystem::permissions(t.store, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    t.file = ::open((directory_ + "/passed").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    t.terminal = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    int pair[2] = {-1, -1};
    (void)::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
    t.socket = pair[0];
    static char secret[] = "the keeper's secret";
    t.keeper_memory = secret;
    // It ends with the other end of its pipe: Landlock keeps the signal of PR_SET_PDEATHSIG in as well.
    int lifeline[2] = {-1, -1};
    (void)!::pipe2(lifeline, O_CLOEXEC);
    t.keeper = ::fork();
    if (t.keeper == 0) {
      ::close(lifeline[1]);
      char byte = 0;
      while (::read(lifeline[0], &byte, 1) < 0 && errno == EINTR) {
      }
      ::_exit(0);
    }
    ::close(lifeline[0]);
    return t;
  }

  int try_it(const Attempt& what, Where where) const {
    const Targets targets = prepare();
    if (where == Where::landlock_alone) {
      if (!confine_process() || !enter_landlock()) return kNotLockedIn;
    } else if (where == Where::filter_alone) {
      if (!confine_process() || !filter_first_process() || !filter_worker()) return kNotLockedIn;
    } else if (where != Where::outside) {
      if (!confine_process() || !lock_in()) return kNotLockedIn;
      if (where == Where::worker && !lock_worker()) return kNotLockedIn;
    }
    const int error = what.run(targets);
    return error >= 0 && error < kUnknownErrno ? error : kUnknownErrno;
  }

  std::string directory_;
};

std::vector<Attempt> all_attempts() {
  std::vector<Attempt> all = file_attempts();
  for (auto* more : {process_attempts, kernel_attempts}) {
    const std::vector<Attempt> next = more();
    all.insert(all.end(), next.begin(), next.end());
  }
  return all;
}

TEST_F(Sandbox, NothingTriedInsideSucceeds) {
  const std::vector<Attempt> all = all_attempts();
  const long landlock = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U);
  int escapes = 0, shown = 0;
  std::printf("%-44s %-14s %-16s %s\n", "attempt", "outside", "first process", "worker");
  for (const Attempt& what : all) {
    const Ending outside = attempt(what, Where::outside);
    const Ending first = attempt(what, Where::first_process);
    const Ending worker = attempt(what, Where::worker);
    // A filter cannot tell whom a signal is for, and Landlock can since 6.12 only (THREAT-MODEL.md).
    const bool its_work = what.allowed == Attempt::Place::first_process || (landlock < 6 && what.run == kill_keeper);
    std::printf("%-44s %-14s %-16s %s\n", what.name, outside.succeeded ? "succeeds" : outside.how.c_str(),
                its_work && first.succeeded ? "(its work)" : first.how.c_str(), worker.how.c_str());
    EXPECT_TRUE(first.locked_in && worker.locked_in) << what.name;
    EXPECT_FALSE(worker.succeeded) << what.name << ": a worker got out";
    EXPECT_EQ(first.succeeded, its_work) << what.name;
    if (what.outside == Attempt::Outside::succeeds) {
      EXPECT_TRUE(outside.succeeded) << what.name << " shows nothing: outside it ends with " << outside.how;
    }
    escapes += worker.succeeded || (first.succeeded && !its_work);
    shown += outside.succeeded;
  }
  std::printf("%zu attempts, %d of them succeed outside, %d escapes\n", all.size(), shown, escapes);
  EXPECT_EQ(escapes, 0);
}

// The two walls stand apart: what Landlock covers fails without the system call filter as well.
TEST_F(Sandbox, LandlockAloneHoldsWhatItCovers) {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U);
  if (version < 1) GTEST_SKIP() << "this kernel has no Landlock";
  int tried = 0;
  for (const Attempt& what : all_attempts()) {
    if (what.landlock == 0 || what.landlock > version) continue;
    const Ending alone = attempt(what, Where::landlock_alone);
    std::printf("%-44s %s\n", what.name, alone.how.c_str());
    EXPECT_TRUE(alone.locked_in && !alone.succeeded) << what.name << ": " << alone.how;
    EXPECT_TRUE(alone.how == "EACCES" || alone.how == "EPERM") << what.name << ": " << alone.how;
    ++tried;
  }
  std::printf("%d attempts against Landlock %ld alone\n", tried, version);
  EXPECT_GE(tried, 15);
}

// And the other way round: the worker's filter without Landlock, nor any limit.
TEST_F(Sandbox, TheFilterAloneHoldsInAWorker) {
  int tried = 0;
  for (const Attempt& what : all_attempts()) {
    if (what.limited) continue;
    const Ending alone = attempt(what, Where::filter_alone);
    EXPECT_TRUE(alone.locked_in && !alone.succeeded) << what.name << ": " << alone.how;
    ++tried;
  }
  std::printf("%d attempts against the filter alone\n", tried);
  EXPECT_GE(tried, 60);
}

// The other side of the list: what the eye lives on still works in a worker.
TEST_F(Sandbox, WhatTheEyeNeedsStillWorksInside) {
  const std::vector<Attempt> needed = {
      {"read a passed descriptor",
       [](const Targets& t) {
         char byte = 0;
         return outcome(::pread(t.file, &byte, 1, 0));
       }},
      {"answer the keeper",
       [](const Targets& t) { return outcome(::send(t.socket, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL)); }},
      {"ask a camera",
       [](const Targets& t) {
         v4l2_capability capability{};
         return ::ioctl(t.file, VIDIOC_QUERYCAP, &capability) == 0 || errno == ENOTTY ? 0 : errno;
       }},
      {"allocate 512 MiB", [](const Targets&) { return std::malloc(std::size_t{512} << 20) != nullptr ? 0 : errno; }},
      {"know a file's size",
       [](const Targets& t) {
         struct stat st {};
         return outcome(::syscall(SYS_fstat, t.file, &st));
       }},
  };
  for (const Attempt& what : needed) {
    const Ending ending = attempt(what, Where::worker);
    EXPECT_TRUE(ending.succeeded) << what.name << ": " << ending.how;
  }
}

}  // namespace
}  // namespace faceauth::vision
