#include <faced/vision_link/eye_process.h>

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <tests/unit/support/temp_dir.h>

#include <array>
#include <chrono>
#include <set>
#include <sstream>

namespace faceauth {
namespace {

// A shell script in the eye's place; descriptor 3 is the link.
std::string script(const test::TempDir& dir, const std::string& body) {
  return dir.write("eye", "#!/bin/sh\n" + body + "\n", 0700);
}

std::string one_packet(const EyeProcess& eye) {
  pollfd wait{eye.link(), POLLIN, 0};
  if (::poll(&wait, 1, 5000) <= 0) return "nothing in time";
  std::array<char, 4096> packet{};
  const ssize_t size = ::recv(eye.link(), packet.data(), packet.size(), 0);
  return {packet.data(), static_cast<std::size_t>(size > 0 ? size : 0)};
}

TEST(EyeProcess, TheLinkIsDescriptorThreeAndArgumentsNameTheModels) {
  const test::TempDir dir;
  const Result<EyeProcess> eye = EyeProcess::spawn(script(dir, "echo \"$*\" >&3"), "/some/models", "");
  ASSERT_TRUE(eye) << eye.error().message;
  EXPECT_EQ(one_packet(*eye), "--models /some/models\n");
  const Result<EyeProcess> other =
      EyeProcess::spawn(script(dir, "echo \"$*\" >&3"), "/some/models", "/an encoder.toml");
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_EQ(one_packet(*other), "--models /some/models --encoder /an encoder.toml\n");
}

TEST(EyeProcess, NothingElseOfTheKeeperIsOpenInIt) {
  const test::TempDir dir;
  const int inheritable = ::dup(STDERR_FILENO);  // without CLOEXEC, as a careless library would leave one
  const Result<EyeProcess> eye = EyeProcess::spawn(script(dir, "ls /proc/$$/fd >&3"), "m", "");
  ASSERT_TRUE(eye);
  std::istringstream open(one_packet(*eye));
  ::close(inheritable);
  ASSERT_LT(inheritable, 10);
  std::set<int> below_ten;  // from 10 on: the shell's own
  for (int fd = 0; open >> fd;)
    if (fd < 10) below_ten.insert(fd);
  EXPECT_EQ(below_ten, (std::set<int>{0, 1, 2, 3}));
}

TEST(EyeProcess, SystemdsVariablesAreNotPassedOn) {
  ::setenv("CREDENTIALS_DIRECTORY", "/run/credentials/faced.service", 1);
  ::setenv("NOTIFY_SOCKET", "/run/notify", 1);
  const test::TempDir dir;
  const Result<EyeProcess> eye = EyeProcess::spawn(
      script(dir, "echo \"[$CREDENTIALS_DIRECTORY$NOTIFY_SOCKET] $OPENBLAS_NUM_THREADS\" >&3"), "m", "");
  ::unsetenv("CREDENTIALS_DIRECTORY");
  ::unsetenv("NOTIFY_SOCKET");
  ASSERT_TRUE(eye);
  EXPECT_EQ(one_packet(*eye), "[] 1\n");
}

TEST(EyeProcess, ItEndsWithItsOwnerAlsoWhenItHangs) {
  const test::TempDir dir;
  pid_t pid = 0;
  const auto begun = std::chrono::steady_clock::now();
  {
    const Result<EyeProcess> eye =
        EyeProcess::spawn(script(dir, "trap '' TERM INT HUP; while :; do sleep 1; done"), "m", "");
    ASSERT_TRUE(eye);
    pid = eye->pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0) << "killed and reaped";
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2));
}

TEST(EyeProcess, AMissingProgramIsAnError) {
  const Result<EyeProcess> eye = EyeProcess::spawn("/nonexistent/faced-vision", "m", "");
  ASSERT_FALSE(eye);
  EXPECT_EQ(eye.error().code, Errc::eye_failed);
}

TEST(EyeProcess, SendingToADeadOrDeafEyeNeverBlocks) {
  const test::TempDir dir;
  const Result<EyeProcess> deaf = EyeProcess::spawn(script(dir, "exec sleep 60"), "m", "");
  ASSERT_TRUE(deaf);
  const std::array<std::uint8_t, 4096> packet{};
  int sent = 0;
  while (sent < 100'000 && deaf->send(packet, {})) ++sent;
  EXPECT_GT(sent, 0);
  EXPECT_LT(sent, 100'000) << "the socket's buffer has an end";
}

}  // namespace
}  // namespace faceauth
