// The eye's processes as the kernel sees them: each locked in, each alone with its own work.
#include <faced/vision/confine.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <chrono>

#include "eye_under_test.h"

namespace faceauth::vision {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class Lockdown : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(eye.greets()) << eye.errors(); }
  // A camera session whose worker has shown a frame.
  Channel session() {
    Channel worker = eye.watch({eye::Source::stills, 0, false, true}, {woman.get()});
    EXPECT_TRUE(worker.receive<eye::Frame>(eye::Type::frame)) << eye.errors();
    return worker;
  }
  void expect_healthy() { EXPECT_EQ(eye.look_at(woman.get()).issue, FaceIssue::none) << eye.errors(); }

  TempDir dir;
  Fd woman = open_file(dir.put("1.jpg", encoded(scene(Scene::woman_monday), ".jpg")));
  EyeUnderTest eye;
};

TEST_F(Lockdown, EveryProcessHasNoNewPrivilegesAndAFilter) {
  const Channel open = session();
  const std::vector<pid_t> workers = eye.workers(1);
  ASSERT_EQ(workers.size(), 1U);
  const bool complete = confinement_complete();  // sanitizers switch the filter off
  for (const pid_t pid : {eye.pid(), workers[0]}) {
    EXPECT_EQ(status_field(pid, "NoNewPrivs"), "1");
    EXPECT_EQ(status_field(pid, "Seccomp"), complete ? "2" : "0");
  }
  EXPECT_EQ(status_field(eye.pid(), "Seccomp_filters"), complete ? "1" : "0");
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(workers[0]) + "/task"))
    EXPECT_EQ(status_field(std::stoi(thread.path().filename()), "Seccomp_filters"), complete ? "2" : "0")
        << "of a worker's thread";
}

TEST_F(Lockdown, AWorkerHasItsOwnDescriptorsOnly) {
  const Channel first = session();
  Channel second = eye.watch({eye::Source::stills, 0, false, true}, {woman.get(), woman.get()});
  ASSERT_TRUE(second.receive<eye::Frame>(eye::Type::frame));
  const std::vector<pid_t> workers = eye.workers(2);
  ASSERT_EQ(workers.size(), 2U);
  const std::string picture = dir.path("1.jpg");
  // Its stderr is /dev/null too, except that sanitizers keep theirs, here a pipe.
  std::multiset<std::string> expected = {"/dev/null", "/dev/null", confinement_complete() ? "/dev/null" : "pipe",
                                         "socket", picture};
  EXPECT_EQ(descriptors_of(workers[0]), expected);
  expected.insert(picture);
  EXPECT_EQ(descriptors_of(workers[1]), expected);
}

TEST_F(Lockdown, ADeadWorkerEndsItsOwnWorkAndNoOther) {
  Channel broken = session();
  const std::vector<pid_t> first = eye.workers(1);
  ASSERT_EQ(first.size(), 1U);
  Channel other = session();
  ::kill(first[0], SIGKILL);
  EXPECT_TRUE(broken.ends()) << "the keeper must not wait for a dead worker";
  EXPECT_TRUE(other.receive<eye::Frame>(eye::Type::frame));
  EXPECT_NE(eye.errors().find("was ended by signal 9"), std::string::npos) << eye.errors();
  const auto told = eye.link.receive<eye::WorkerDied>(eye::Type::worker_died);
  ASSERT_TRUE(told) << "the keeper replaces the first process then";
  EXPECT_EQ(told->signal, SIGKILL);
  expect_healthy();
  EXPECT_EQ(::kill(eye.pid(), 0), 0);
}

TEST_F(Lockdown, ClosingItsSocketEndsAWorkerThatHangs) {
  Channel hanging = session();
  const std::vector<pid_t> workers = eye.workers(1);
  ASSERT_EQ(workers.size(), 1U);
  ::kill(workers[0], SIGSTOP);
  hanging.close();
  EXPECT_TRUE(eye.workers(0).empty());
  EXPECT_EQ(eye.errors(), "") << "an end that was asked for is no news";
  expect_healthy();
}

// A reader that is killed and does not go yet, as in a driver: here a tracer keeps its end from being seen.
TEST_F(Lockdown, ACameraThatIsStillHeldKeepsNothingElseWaiting) {
  Channel before = session();
  const std::vector<pid_t> workers = eye.workers(1);
  ASSERT_EQ(workers.size(), 1U);
  if (::ptrace(PTRACE_SEIZE, workers[0], nullptr, nullptr) != 0) GTEST_SKIP() << "this system lets nobody trace";
  before.close();
  const eye::OpenCamera camera{eye::Source::stills, 0, false, true};
  Channel abandoned = eye.watch(camera, {woman.get()});
  abandoned.close();
  Channel next = eye.watch(camera, {woman.get()});
  const auto asked = steady_clock::now();
  eye::Ping ping{7};
  std::uint8_t packet[eye::kPacketMax];
  eye.link.send_bytes(std::span(packet, eye::encode_packet(packet, eye::Type::ping, ping)));
  ASSERT_TRUE(eye.link.receive<eye::Pong>(eye::Type::pong));
  EXPECT_LT(steady_clock::now() - asked, milliseconds(300)) << "the first process must not wait for the camera";
  EXPECT_FALSE(next.receive<eye::Frame>(eye::Type::frame, milliseconds(300))) << "the session does";
  int status = 0;
  ::waitpid(workers[0], &status, __WALL);  // the tracer has seen its end: so may its parent
  EXPECT_TRUE(next.receive<eye::Frame>(eye::Type::frame)) << eye.errors();
  EXPECT_EQ(eye.workers(1).size(), 1U) << "nobody works for who has left";
}

TEST_F(Lockdown, WorkersEndWithTheFirstProcess) {
  Channel open = session();
  ::kill(eye.pid(), SIGKILL);
  EXPECT_TRUE(open.ends());
}

TEST_F(Lockdown, MoreWorkThanMayBeIsRefusedAtOnce) {
  std::vector<Channel> open;
  for (std::size_t i = 0; i < limits::kEyeWorkersMax; ++i)
    open.push_back(eye.watch({eye::Source::stills, 30, false, false}, {woman.get()}));
  Channel refused = eye.watch({eye::Source::stills, 30, false, false}, {woman.get()});
  EXPECT_TRUE(refused.ends(seconds(5)));
  EXPECT_TRUE(open.front().receive<eye::Frame>(eye::Type::frame));
  open.clear();
  EXPECT_TRUE(eye.workers(0).empty());
  expect_healthy();
}

}  // namespace
}  // namespace faceauth::vision
