// A local user who means harm. Root's logins go on meanwhile, and everything is as before once he has gone.
// tests/bench/attack.cpp measures the same with 200 clients.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <functional>
#include <future>
#include <random>
#include <thread>
#include <utility>

namespace faceauth::test {
namespace {

using std::chrono::milliseconds;

constexpr uid_t kAnn = 20000, kMallory = 20001;

class Hostile : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
    ASSERT_TRUE(daemon.start()) << daemon.log();
    ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("ann", "face 11")}).code, 0);
    daemon.show_text("face 11");
  }
  void TearDown() override {
    for (const pid_t child : children) ::kill(child, SIGKILL);
    for (const pid_t child : children) ::waitpid(child, nullptr, 0);
  }
  // Runs `work` as mallory in a process of its own; a byte from it says that he is connected.
  void as_mallory(const std::function<void(int ready)>& work) {
    in_a_process([] { return ::setgid(kMallory) == 0 && ::setuid(kMallory) == 0; }, work);
  }
  void in_a_process(const std::function<bool()>& become, const std::function<void(int ready)>& work) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      // Last: another uid takes it away.
      if (!become() || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) ::_exit(1);
      work(ready[1]);
      ::_exit(0);
    }
    children.push_back(child);
    ::close(ready[1]);
    char byte = 0;
    const ssize_t told = ::read(ready[0], &byte, 1);
    ::close(ready[0]);
    ASSERT_EQ(told, 1) << "mallory never reached the keeper";
  }
  static void tell_connected(int ready, const WireClient& client) {
    if (!client.connected()) ::_exit(2);
    (void)!::write(ready, "x", 1);
  }
  void expect_logins() {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
  }
  bool settles_at(std::size_t wanted) const {
    for (int i = 0; i < 50 && daemon.descriptors() > wanted; ++i) std::this_thread::sleep_for(milliseconds(100));
    return daemon.descriptors() <= wanted;
  }

  Daemon daemon{{.extra = "[service.sudo]\nintent = \"enter\"\n", .timeout_s = 5, .users = {"ann", "mallory"}}};
  std::vector<pid_t> children;
};

TEST_F(Hostile, HalfOpenSocketsAreCutOffAndKeepNobodyOut) {
  expect_logins();
  const std::size_t before = daemon.descriptors();
  as_mallory([&](int ready) {
    std::vector<WireClient> halves;
    for (std::size_t i = 0; i < limits::kConnectionsPerUid + 20; ++i) {
      halves.emplace_back(daemon.socket());
      halves.back().send_raw("\x14", 1);
    }
    tell_connected(ready, halves.front());
    ::pause();
  });
  expect_logins();
  EXPECT_TRUE(settles_at(before)) << "after the time that a first frame has: " << daemon.descriptors();
}

// What sudo does for who starts it and never answers. Gives how many logins came to their prompt, and how many were
// told that too many are; those end, as the module ends them. The rest never got a place.
std::pair<std::size_t, std::size_t> prompts_left_open(const Daemon& daemon, std::vector<WireClient>& open) {
  std::size_t busy = 0;
  for (std::size_t i = 0; i < limits::kConnectionsMax; ++i) {
    WireClient sudo(daemon.socket());
    sudo.send(wire::Type::auth_begin,
              wire::AuthBegin{.user = text("ann"), .service = text("sudo"), .may_prompt = true});
    const auto answer = sudo.answer();
    if (!answer) continue;
    const bool asked = answer->header.type == wire::Type::ask;
    const auto verdict = answer->as<wire::VerdictBody>();
    if (answer->header.type == wire::Type::verdict && verdict && verdict->verdict == Verdict::busy) ++busy;
    if (asked) open.push_back(std::move(sudo));
  }
  return {open.size(), busy};
}

// By setuid root programs that he starts.
TEST_F(Hostile, PromptsThatOneUserLeavesOpenTakeHisPlacesAlone) {
  const auto in_his_session = [] {
    std::ofstream session("/proc/self/loginuid");
    return static_cast<bool>(session << kMallory << std::flush);
  };
  if (std::ofstream session("/proc/self/loginuid"); !session) GTEST_SKIP() << "the kernel keeps no sessions' users";
  in_a_process(in_his_session, [&](int ready) {
    std::vector<WireClient> open;
    const auto [asked, busy] = prompts_left_open(daemon, open);
    if (asked != limits::kConnectionsPerUid || busy != 0) ::_exit(3);
    tell_connected(ready, open.front());
    ::pause();
  });
  expect_logins();
  EXPECT_EQ(tool(daemon, {"status"}).code, 0);
  EXPECT_EQ(tool(daemon, {"list", "ann"}, {}, kAnn).code, 0) << "nor another's";
}

// A subordinate uid each, of processes that are gone when the keeper looks: nothing tells of the session behind them.
TEST_F(Hostile, ManyNumbersOfProcessesThatHaveEndedHaveOneShare) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  daemon.socket().copy(address.sun_path, sizeof address.sun_path - 1);
  std::vector<WireClient> held;
  daemon.signal(SIGSTOP);
  for (uid_t uid = 100'000; held.size() < limits::kConnectionsPerUid + 8; ++uid) {
    const int to = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const pid_t child = ::fork();
    if (child == 0)
      ::_exit(::setuid(uid) == 0 && ::connect(to, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? 0 : 1);
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
    held.emplace_back(to);
  }
  daemon.signal(SIGCONT);
  std::size_t served = 0;
  for (WireClient& client : held) {
    client.send(wire::Type::status, wire::Empty{});
    const auto answer = client.answer();
    if (answer && answer->header.type == wire::Type::status_result) ++served;
  }
  EXPECT_EQ(served, limits::kConnectionsPerUid);
  expect_logins();
  EXPECT_EQ(tool(daemon, {"list", "ann"}, {}, kAnn).code, 0) << "nor another's";
}

// Where the kernel tells nothing of sessions, setuid programs are root's, and have a bound of their own.
TEST_F(Hostile, PromptsLeftOpenLeavePlacesForLoginsThatNeedNone) {
  in_a_process([] { return true; },
               [&](int ready) {
                 std::vector<WireClient> open;
                 const auto [asked, busy] = prompts_left_open(daemon, open);
                 if (asked != limits::kAsksAtOnce || busy != limits::kConnectionsMax - asked) ::_exit(3);
                 tell_connected(ready, open.front());
                 ::pause();
               });
  expect_logins();
}

// His own programs too, whichever it is that floods.
TEST_F(Hostile, WhoHasNoPlaceLeftCanStillSwitchHisFaceOff) {
  in_a_process([] { return ::setgid(kAnn) == 0 && ::setuid(kAnn) == 0; },
               [&](int ready) {
                 std::vector<WireClient> held;
                 while (held.size() < limits::kConnectionsPerUid) {
                   held.emplace_back(daemon.socket());
                   held.back().send(wire::Type::status, wire::Empty{});
                   if (!held.back().answer()) ::_exit(3);
                 }
                 tell_connected(ready, held.front());
                 // And the places of those who are told that there is none, sooner than each is given up.
                 for (std::deque<WireClient> silent;; std::this_thread::sleep_for(std::chrono::milliseconds(12))) {
                   silent.emplace_back(daemon.socket());
                   if (silent.size() > 2 * limits::kRefusalsAtOnce) silent.pop_front();
                 }
               });
  std::this_thread::sleep_for(std::chrono::seconds(1));
  EXPECT_EQ(tool(daemon, {"list", "ann"}, {}, kAnn).code, 7) << "there is no place for her";
  expect_logins();
  const Ran others = tool(daemon, {"disable", "mallory"}, {}, kAnn);
  EXPECT_EQ(others.code, 3) << "what she may not she may not there either: " << others.err;
  const Ran off = tool(daemon, {"disable", "ann"}, {}, kAnn);
  EXPECT_EQ(off.code, 0) << off.err;
  EXPECT_EQ(login(daemon, "ann").code, PAM_AUTHINFO_UNAVAIL);
}

TEST_F(Hostile, ThousandsOfMalformedFramesEndOnlyTheirOwnConnections) {
  const std::size_t before = daemon.descriptors();
  as_mallory([&](int ready) {
    tell_connected(ready, WireClient(daemon.socket()));
    std::mt19937 random(1);
    int sent = 0;
    for (int i = 0; i < 20'000; ++i) {
      std::uint8_t noise[96];
      for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
      if (i % 2 == 0)
        noise[0] = 92, noise[1] = noise[2] = noise[3] = noise[6] = noise[7] = 0, noise[4] = wire::kVersion;
      if (WireClient(daemon.socket()).send_raw(noise, sizeof noise)) ++sent;
    }
    if (sent == 0) ::_exit(3);
  });
  expect_logins();
  int status = 0;
  ASSERT_EQ(::waitpid(children.back(), &status, 0), children.back());
  children.pop_back();
  EXPECT_EQ(status, 0) << "no frame of his reached the keeper";
  EXPECT_TRUE(settles_at(before + 1)) << daemon.descriptors();
  expect_logins();
  EXPECT_LT(daemon.log().size(), 500'000U) << "nor do they fill the log";
}

TEST_F(Hostile, RequestsThatNobodyJudgesFillNoLogAndHideNobodyElse) {
  as_mallory([&](int ready) {
    WireClient client(daemon.socket());
    for (int i = 0; i < 500; ++i) {
      client.send(wire::Type::auth_begin, wire::AuthBegin{.user = text("mallory"), .service = text("flood")});
      if (!client.answer()) ::_exit(3);
    }
    tell_connected(ready, client);
  });
  ASSERT_FALSE(HasFatalFailure());
  EXPECT_EQ(tool(daemon, {"list", "mallory"}, {}, kAnn).code, 3);
  const std::string log = daemon.log(), line = "mallory for service flood";
  int told = 0;
  for (std::size_t at = log.find(line); at != std::string::npos; at = log.find(line, at + 1)) ++told;
  EXPECT_GE(told, 1);
  EXPECT_LE(told, 25) << "500 were asked for";
  EXPECT_NE(log.find("asked for what it may not"), std::string::npos) << "another uid's line is there";
  expect_logins();
}

TEST_F(Hostile, ClientsThatForkAndExitLeaveNothingBehind) {
  const std::size_t before = daemon.descriptors();
  as_mallory([&](int ready) {
    tell_connected(ready, WireClient(daemon.socket()));
    for (int i = 0; i < 500; ++i) {
      WireClient client(daemon.socket());
      client.send(wire::Type::auth_begin, wire::AuthBegin{.user = text("mallory"), .service = text("su")});
      // The child holds the connection for a moment longer than who made it.
      if (::fork() == 0) {
        ::usleep(1000);
        ::_exit(0);
      }
    }
    while (::wait(nullptr) > 0) {
    }
  });
  expect_logins();
  ASSERT_EQ(::waitpid(children.back(), nullptr, 0), children.back());
  children.pop_back();
  EXPECT_TRUE(settles_at(before + 1)) << daemon.descriptors();
  expect_logins();
}

// Two photos that hang take all places for as long as a photo may take. The third waits for its turn, and only then
// does its own time begin; of those that hung nothing is said but that it took too long.
TEST_F(Hostile, APhotosTimeBeginsWithItsTurn) {
  const auto enroll = [&](const std::string& user, const std::string& line) {
    return tool(daemon, {"enroll", user, "--image", daemon.text_image(user + line, line), "--force"});
  };
  std::vector<std::future<Ran>> hanging;
  for (std::size_t i = 0; i < limits::kPhotosAtOnce; ++i)
    hanging.push_back(std::async(std::launch::async, enroll, "mallory", "hang" + std::string(i, ' ')));
  std::this_thread::sleep_for(milliseconds(500));
  const Ran waited = enroll("ann", "face 11");
  EXPECT_EQ(waited.code, 0) << waited.err << daemon.log();
  for (auto& one : hanging) {
    const Ran ran = one.get();
    EXPECT_NE(ran.code, 0);
    EXPECT_NE(ran.err.find("took too long"), std::string::npos) << ran.err;
  }
}

// Out of descriptors a login cannot be judged, which is told in time; with room again all is well.
TEST_F(Hostile, OutOfDescriptorsLoginsFailInTimeAndComeBack) {
  expect_logins();
  const std::size_t before = daemon.descriptors();
  rlimit normal{};
  ASSERT_EQ(::prlimit(daemon.pid(), RLIMIT_NOFILE, nullptr, &normal), 0);
  const rlimit few{before + 4, normal.rlim_max};
  ASSERT_EQ(::prlimit(daemon.pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  {
    std::vector<WireClient> hogs;
    for (int i = 0; i < 16; ++i) hogs.emplace_back(daemon.socket());
    std::this_thread::sleep_for(milliseconds(200));
    const Login starved = login(daemon, "ann");
    EXPECT_EQ(starved.code, PAM_AUTHINFO_UNAVAIL) << starved.texts;
    EXPECT_LT(starved.elapsed.count(), 6000);
    EXPECT_TRUE(daemon.running());
  }
  ASSERT_EQ(::prlimit(daemon.pid(), RLIMIT_NOFILE, &normal, nullptr), 0);
  EXPECT_TRUE(settles_at(before + 1)) << daemon.descriptors();
  std::this_thread::sleep_for(milliseconds(500));  // an eye that could not be started is started again
  expect_logins();
}

}  // namespace
}  // namespace faceauth::test
