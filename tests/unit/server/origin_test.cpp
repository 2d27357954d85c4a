#include "told_logins.h"

#include <faced/server/charged_uid.h>
#include <faced/server/origin.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <tests/unit/support/temp_dir.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace faceauth {
namespace {

using test::peer_at, test::ToldLogins;

const Peer kSelf = peer_at(getpid());

TEST(Origin, WhatPamSaysIsRemoteIsRemote) {
  EXPECT_TRUE(is_remote(kSelf, "ssh", ""));
  EXPECT_TRUE(is_remote(kSelf, "pts/3", "192.0.2.7"));
  EXPECT_TRUE(is_remote(kSelf, "", "attacker.example"));
}

TEST(Origin, AProcessThatCannotBeReadIsRemote) {
  EXPECT_TRUE(is_remote(peer_at(-1), "tty1", ""));
  EXPECT_TRUE(is_remote(peer_at(0x3fffffff), "tty1", ""));
  EXPECT_FALSE(is_present(peer_at(0x3fffffff)));
}

TEST(Origin, AnOrdinaryLocalProcessIsLocal) {
  EXPECT_FALSE(is_remote(kSelf, "tty1", ""));
  for (const char* here : {"127.0.0.1", "::1"}) EXPECT_FALSE(is_remote(kSelf, ":0", here)) << here;
}

// A server may have it from a reverse look-up, which is the client's to answer.
TEST(Origin, ANameIsNoProofOfBeingHere) {
  std::array<char, 256> own{};
  ASSERT_EQ(gethostname(own.data(), own.size() - 1), 0);
  for (const char* name : {"localhost", "localhost.localdomain", "ip6-localhost", "localhost.attacker.example",
                           "127.0.0.1.attacker.example", const_cast<const char*>(own.data())})
    EXPECT_TRUE(is_remote(kSelf, "tty1", name)) << name;
}

// A program of these arguments that waits to be killed; it is there when this returns.
pid_t start_waiting(const char* name, const char* argument, const char* variable) {
  int ready[2];
  if (pipe(ready) != 0) return -1;
  const pid_t child = fork();
  if (child == 0) {
    close(ready[0]);
    // The pipe closes when the new program has started.
    fcntl(ready[1], F_SETFD, FD_CLOEXEC);
    execle("/bin/sh", name, "-c", "kill -STOP $$", argument, nullptr, std::array<const char*, 2>{variable}.data());
    _exit(1);
  }
  close(ready[1]);
  char byte = 0;
  EXPECT_EQ(read(ready[0], &byte, 1), 0);
  close(ready[0]);
  return child;
}

void end(pid_t child) {
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
}

// What SSH leaves in the environment decides nothing: sudo takes it out, and anybody can put it in. (One without it,
// below a server of remote logins, is AChildOfARemoteLoginServerIsRemote's.)
TEST(Origin, TheEnvironmentSaysNothing) {
  setenv("SSH_CONNECTION", "192.0.2.7 4711 192.0.2.1 22", 1);
  EXPECT_FALSE(is_remote(kSelf, "tty1", ""));
  unsetenv("SSH_CONNECTION");
  // As the kernel shows it of another process.
  for (const char* variable : {"SSH_CONNECTION=192.0.2.7 4711 192.0.2.1 22", "SSH_TTY=/dev/pts/3", "SSH_CLIENT=x"}) {
    const pid_t child = start_waiting("sudo", "", variable);
    EXPECT_FALSE(is_remote(peer_at(child), "tty1", "")) << variable;
    end(child);
  }
}

TEST(Origin, TheSessionDecidesByProcessThenAuditThenDisplay) {
  const Peer user = peer_at(kSelf.pid, 1000), other = peer_at(kSelf.pid, 1001);
  struct {
    const char* what;
    std::optional<std::string> by_pid, by_service;
    const Peer& peer;
    bool remote, present;
  } const table[] = {
      {"in the session at the desk", "desk", {}, user, false, true},
      {"sudo there", "desk", {}, kSelf, false, true},
      {"in the session at the desk, which is somebody else's", "desk", {}, other, true, false},
      {"in a remote session, or one that is not active or without a seat", "away", {}, user, true, false},
      {"root's program there", "away", {}, kSelf, true, false},
      {"his own session counts before his desktop's", "away", "desk", user, true, false},
      {"of the user's own service manager, he sits at the machine", {}, "desk", user, false, true},
      {"of the user's own service manager, he does not", {}, "away", user, true, false},
      {"outside of every session: a user", {}, {}, user, true, false},
      {"outside of every session: a greeter or getty's login", {}, {}, kSelf, false, false},
  };
  for (const auto& row : table) {
    ToldLogins logins;
    logins.by_pid = row.by_pid;
    logins.by_service = row.by_service;
    EXPECT_EQ(is_remote(row.peer, "tty1", "", logins), row.remote) << row.what;
    EXPECT_EQ(is_present(row.peer, logins), row.present) << row.what;
  }
}

// sudo and su are root's programs, whoever starts them.
TEST(Origin, RootsProgramsOutsideOfEverySessionAreWhoseLoginTheyCameFrom) {
  struct {
    const char* what;
    std::optional<std::uint32_t> login_uid;
    std::optional<std::string> by_pid, by_service;
    bool remote;
  } const table[] = {
      {"getty's login, a greeter; a kernel that keeps none", {}, {}, {}, false},
      {"root's own cron job", 0, {}, {}, false},
      {"sudo in a user's cron job", 1000, {}, {}, true},
      {"sudo in what a user's manager runs while he has no session, kept by linger", 1000, {}, "", true},
      {"the same where the kernel keeps none", {}, {}, "", true},
      {"pkexec or a lock screen's helper in his desktop's services", 1000, {}, "desk", false},
      {"sudo in his session", 1000, "desk", {}, false},
  };
  for (const auto& row : table) {
    ToldLogins logins;
    logins.login_uid = row.login_uid;
    logins.by_pid = row.by_pid;
    logins.by_service = row.by_service;
    EXPECT_EQ(is_remote(kSelf, "tty1", "", logins), row.remote) << row.what;
  }
}

// Since polkit 127 process 1 starts the helper that runs PAM for an agent, and its unit's name tells whose agent.
TEST(Origin, PolkitsHelperIsWhereItsAgentIs) {
  const pid_t agent = start_waiting("agent", "", nullptr);
  usleep(50'000);
  const pid_t helper = start_waiting("helper", "", nullptr);
  usleep(50'000);
  const pid_t later = start_waiting("later", "", nullptr);
  const std::string of_user = std::to_string(agent) + "-1000.service", desk = "desk", away = "away";
  struct {
    const char* what;
    std::string unit;
    std::optional<std::string> session_of_agent;
    std::optional<std::uint32_t> owner;
    bool remote;
  } const table[] = {
      {"at the desk", "polkit-agent-helper@4-" + of_user, desk, 1000, false},
      {"as systemd 258 names it", "polkit-agent-helper@4-81-" + std::to_string(agent) + "_3141592653589-1000.service",
       desk, 1000, false},
      {"over ssh", "polkit-agent-helper@4-" + of_user, away, 1000, true},
      {"in another's session", "polkit-agent-helper@4-" + of_user, desk, 1001, true},
      {"in no session", "polkit-agent-helper@4-" + of_user, {}, 1000, true},
      {"root's, at the desk", "polkit-agent-helper@4-" + std::to_string(agent) + "-0.service", desk, 1000, false},
      {"root's, over ssh", "polkit-agent-helper@4-" + std::to_string(agent) + "-0.service", away, 1000, true},
      {"of whom process 1 could not tell", "polkit-agent-helper@4-unknown.service", desk, 1000, true},
      {"that has ended, and another has its number", "polkit-agent-helper@4-" + std::to_string(later) + "-1000.service",
       desk, 1000, true},
      {"that has ended", "polkit-agent-helper@4-1073741823-1000.service", desk, 1000, true},
      {"no helper of polkit's", "display-manager.service", away, 1000, false},
      {"nor this", "getty@4-" + of_user, away, 1000, false},
  };
  for (const auto& row : table) {
    ToldLogins logins;
    logins.helper = helper;
    logins.unit = row.unit;
    logins.by_pid = row.session_of_agent;
    logins.owner = row.owner;
    EXPECT_EQ(is_remote(peer_at(helper), "", "", logins), row.remote) << row.what;
  }
  for (const pid_t one : {agent, helper, later}) end(one);
}

TEST(Origin, TheKernelTellsWhoseLoginAProcessCameFrom) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    std::ofstream("/proc/self/loginuid") << 4711 << std::flush;
    (void)!write(ready[1], "", 1);
    pause();
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  close(ready[0]);
  close(ready[1]);
  std::string kept;
  std::ifstream("/proc/" + std::to_string(child) + "/loginuid") >> kept;
  const std::optional<std::uint32_t> told = system_logins().login_uid_of(child);
  end(child);
  if (kept != "4711") GTEST_SKIP() << "whose login it was is root's to say, and only once";
  EXPECT_EQ(told, 4711U);
  EXPECT_EQ(system_logins().login_uid_of(0x3fffffff), std::nullopt);
}

TEST(Origin, WithoutSystemdOnlyPamAndAncestryDecide) {
  ToldLogins logins;
  logins.runs = false;
  logins.by_pid = "away";
  const Peer user = peer_at(kSelf.pid, 1000);
  EXPECT_FALSE(is_remote(user, "tty1", "", logins));
  EXPECT_TRUE(is_remote(user, "tty1", "192.0.2.7", logins));
  EXPECT_FALSE(is_present(user, logins));
}

TEST(Origin, TheCommandIsOneLineThatNoTerminalObeys) {
  const pid_t child = start_waiting("sudo", "\x1b[2Jinstall\n", nullptr);
  std::string command;  // which the kernel shows a moment after it has closed the pipe
  for (int i = 0; i < 1000 && command.empty(); ++i) {
    command = command_of(peer_at(child));
    usleep(1000);
  }
  end(child);
  EXPECT_EQ(command.substr(0, 8), "sudo -c ");
  EXPECT_NE(command.find("[2Jinstall"), std::string::npos) << command;
  for (const char c : command) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << command;
  EXPECT_EQ(command_of(peer_at(0x3fffffff)), "");
}

TEST(WhoAsks, HasBeenRunningForSoLong) {
  const pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  usleep(300'000);
  const std::chrono::milliseconds age = age_of(peer_at(child));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_GE(age.count(), 280) << "a tick is 10 ms";
  EXPECT_LT(age.count(), 3000);
  EXPECT_GE(age_of(peer_at(1)), age);
  EXPECT_EQ(age_of(peer_at(0x3fffffff)).count(), 0);
}

// The number of a process that has ended goes to one that sits at the machine; the connection is still open.
class OfAnEndedPeer : public testing::Test {
 protected:
  void SetUp() override {
    address_.sun_family = AF_UNIX;
    const std::string path = dir_.path() + "/socket";
    path.copy(address_.sun_path, sizeof address_.sun_path - 1);
    listening_ = Fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address_), sizeof address_), 0);
    ASSERT_EQ(listen(listening_.get(), 1), 0);
  }
  // A child that connects and waits to be ended.
  void connect_child(uid_t as = getuid()) {
    int done[2];
    ASSERT_EQ(pipe(done), 0);
    child_ = fork();
    if (child_ == 0) {
      const int to = socket(AF_UNIX, SOCK_STREAM, 0);
      const bool became = as == getuid() || seteuid(as) == 0;
      if (became && connect(to, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0) {
        (void)!write(done[1], "", 1);
        pause();
      }
      _exit(1);
    }
    close(done[1]);
    char byte = 0;
    const ssize_t told = read(done[0], &byte, 1);
    close(done[0]);
    ASSERT_EQ(told, 1) << "no connection as " << as;
  }
  void accept_it() {
    accepted_ = Fd(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    peer_ = peer_of(accepted_.get());
    logins_.by_pid = "desk";
    logins_.owner = getuid();
  }
  void TearDown() override {
    if (child_ > 0) end(child_);
  }
  void end_child() { end(std::exchange(child_, -1)); }

  // False where nobody may choose a number.
  bool give_its_number_away() {
    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    arguments.set_tid = reinterpret_cast<std::uintptr_t>(&peer_.pid);
    arguments.set_tid_size = 1;
    const auto pid = static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
    if (pid == 0) {
      pause();
      _exit(0);
    }
    if (pid > 0) child_ = pid;
    return pid == peer_.pid;
  }

  const test::TempDir dir_;
  sockaddr_un address_{};
  pid_t child_ = -1;
  Fd listening_, accepted_;
  Peer peer_;
  ToldLogins logins_;
};

TEST_F(OfAnEndedPeer, NothingHoldsThatIsReadByItsNumber) {
  ASSERT_NO_FATAL_FAILURE(connect_child());
  accept_it();
  ASSERT_EQ(peer_.pid, child_);
  EXPECT_TRUE(is_present(peer_, logins_));
  EXPECT_FALSE(is_remote(peer_, "tty1", "", logins_));
  EXPECT_NE(command_of(peer_), "");
  end_child();
  EXPECT_FALSE(is_present(peer_, logins_));
  EXPECT_TRUE(is_remote(peer_, "tty1", "", logins_));
  if (!give_its_number_away()) GTEST_SKIP() << "choosing the number of a process is root's";
  EXPECT_TRUE(is_present(peer_at(peer_.pid, getuid()), logins_)) << "the one that has it now";
  EXPECT_FALSE(is_present(peer_, logins_));
  EXPECT_TRUE(is_remote(peer_, "tty1", "", logins_));
  EXPECT_EQ(command_of(peer_), "");
  usleep(50'000);
  EXPECT_GT(age_of(peer_at(peer_.pid)).count(), 0);
  EXPECT_EQ(age_of(peer_).count(), 0);
}

// Else whoever has many numbers would have a share with each of them by ending before he is looked at.
TEST_F(OfAnEndedPeer, TheShareIsACommonOneUnlessItsNumberTellsWhose) {
  if (getuid() != 0) GTEST_SKIP() << "being somebody else is root's";
  ASSERT_EQ(chmod(dir_.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(address_.sun_path, 0666), 0);
  const std::pair<uid_t, std::uint32_t> table[] = {{0, kUntoldUsers}, {100'000, kUntoldUsers}, {20'000, 20'000}};
  for (const auto& [uid, charged] : table) {
    ASSERT_NO_FATAL_FAILURE(connect_child(uid));
    accept_it();
    EXPECT_NE(peer_.charged, kUntoldUsers) << uid;
    end_child();
    ASSERT_NO_FATAL_FAILURE(connect_child(uid));
    end_child();
    accept_it();
    EXPECT_EQ(peer_.uid, uid);
    EXPECT_EQ(peer_.charged, charged) << uid;
  }
}

// The name alone decides here, so a process that calls itself so stands for the server.
bool child_of_is_remote(const char* name) {
  int ready[2], done[2];
  if (pipe(ready) != 0 || pipe(done) != 0) return false;
  const pid_t server = fork();
  if (server == 0) {
    prctl(PR_SET_NAME, name);
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
  const bool started = read(ready[0], &shell, sizeof shell) == static_cast<ssize_t>(sizeof shell);
  ToldLogins logins;
  logins.by_pid = "desk";
  const bool remote = started && is_remote(peer_at(shell, 1000), "pts/0", "", logins);
  EXPECT_EQ(remote, !is_present(peer_at(shell, 1000), logins)) << name;
  close(done[1]);
  close(ready[0]);
  close(ready[1]);
  waitpid(server, nullptr, 0);
  return remote;
}

TEST(Origin, AChildOfARemoteLoginServerIsRemote) {
  for (const char* server :
       {"sshd", "sshd-session", "xrdp-sesman", "Xvnc", "vncsession", "gnome-remote-desktop-daemon"})
    EXPECT_TRUE(child_of_is_remote(server)) << server;
  for (const char* other : {"bash", "tmux: server", "ssh"}) EXPECT_FALSE(child_of_is_remote(other)) << other;
}

}  // namespace
}  // namespace faceauth
