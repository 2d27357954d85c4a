// One client's stream of requests that cost nothing must not keep the keeper's one thread from the others.
#include "support/daemon.h"
#include "support/wire_client.h"

#include <gtest/gtest.h>
#include <security/_pam_types.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace faceauth::test {
namespace {

int connected(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) ::_exit(1);
  return fd;
}

// As many requests to a write as fit, the answers drained as they come, until killed.
[[noreturn]] void flood(const std::string& socket, uid_t uid) {
  if (::setgid(uid) != 0 || ::setuid(uid) != 0) ::_exit(1);
  std::vector<std::uint8_t> requests;
  wire::Nonce nonce{};
  for (int i = 0; i < 150; ++i) {
    std::uint8_t frame[limits::kFrameMax];
    const std::size_t size = wire::encode_frame(frame, wire::Type::status, nonce, wire::Empty{});
    requests.insert(requests.end(), frame, frame + size);
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    const int fd = connected(socket);
    threads.emplace_back([fd, requests] {
      while (::send(fd, requests.data(), requests.size(), MSG_NOSIGNAL) > 0) {
      }
    });
    threads.emplace_back([fd] {
      std::vector<char> sink(65536);
      while (::recv(fd, sink.data(), sink.size(), 0) > 0) {
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ::_exit(0);
}

TEST(Fairness, AStreamOfRequestsLeavesOthersTheirTurn) {
  if (geteuid() != 0) GTEST_SKIP() << "enrolling from photos is root's";
  Daemon daemon({.users = {"ann", "eve"}});
  ASSERT_TRUE(daemon.start()) << daemon.log();
  ASSERT_EQ(tool(daemon, {"enroll", "ann", "--image", daemon.text_image("ann", "face 11")}).code, 0);
  daemon.show_text("face 11");
  const pid_t attacker = ::fork();
  if (attacker == 0) flood(daemon.socket(), 20001);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(login(daemon, "ann").code, PAM_SUCCESS) << daemon.log();
  EXPECT_EQ(::waitpid(attacker, nullptr, WNOHANG), 0) << "the flood must have gone on meanwhile";
  ::kill(attacker, SIGKILL);
  ::waitpid(attacker, nullptr, 0);
}

}  // namespace
}  // namespace faceauth::test
