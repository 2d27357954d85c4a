#include <faced/server/origin.h>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace faceauth {
namespace {

const Peer kSelf{0, 0, static_cast<int>(getpid())};

TEST(Origin, WhatPamSaysIsRemoteIsRemote) {
  EXPECT_TRUE(is_remote(kSelf, "ssh", ""));
  EXPECT_TRUE(is_remote(kSelf, "pts/3", "192.0.2.7"));
  EXPECT_TRUE(is_remote(kSelf, "", "attacker.example"));
}

TEST(Origin, AProcessThatCannotBeReadIsRemote) {
  EXPECT_TRUE(is_remote({0, 0, -1}, "tty1", ""));
  EXPECT_TRUE(is_remote({0, 0, 0x3fffffff}, "tty1", ""));
  EXPECT_FALSE(is_present({0, 0, 0x3fffffff}));
}

TEST(Origin, AnOrdinaryLocalProcessIsLocal) {
  EXPECT_FALSE(is_remote(kSelf, "tty1", ""));
  EXPECT_FALSE(is_remote(kSelf, ":0", "localhost"));
}

// The name alone decides here, so a process that calls itself sshd stands for one.
TEST(Origin, AChildOfARemoteLoginServerIsRemote) {
  int ready[2], done[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t server = fork();
  if (server == 0) {
    prctl(PR_SET_NAME, "sshd");
    const pid_t shell = fork();
    if (shell == 0) {
      char byte = 0;
      close(done[1]);
      (void)!read(done[0], &byte, 1);
      _exit(0);
    }
    (void)!write(ready[1], &shell, sizeof shell);
    close(done[1]);
    waitpid(shell, nullptr, 0);
    _exit(0);
  }
  close(done[0]);
  pid_t shell = 0;
  ASSERT_EQ(read(ready[0], &shell, sizeof shell), static_cast<ssize_t>(sizeof shell));
  EXPECT_TRUE(is_remote({1000, 1000, shell}, "pts/0", ""));
  close(done[1]);
  waitpid(server, nullptr, 0);
}

}  // namespace
}  // namespace faceauth
