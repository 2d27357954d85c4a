// 200 hostile clients of another uid hammer the keeper while root verifies, and a third user's setuid programs stay at
// their prompts: what root gets, and how much later, against the same in quiet, in one run. The eye is the stand-in:
// what is measured is the keeper.
//
// usage: faceauth-attack [ROUNDS] [MALFORMED]    exit 0 only if every answer was right and p99 is at most 3 times quiet
#include "../daemon/support/daemon.h"
#include "../daemon/support/wire_client.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace faceauth::test {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr uid_t kMallory = 20002, kTrudy = 20003;
constexpr int kProcesses = 20, kThreads = 10;
constexpr double kRatioMost = 3;

// Shared with the attackers: what they did.
struct Counters {
  std::atomic<std::uint64_t> frames, connections, answers, prompts;
};

int connected(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const timeval patience{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

template <class Body>
std::vector<std::uint8_t> frame(wire::Type type, const Body& body) {
  std::uint8_t out[limits::kFrameMax];
  return {out, out + wire::encode_frame(out, type, wire::Nonce{}, body)};
}

// Sends one thing over and over on a connection, taking the answers, until the keeper ends it.
void repeat(const std::string& socket, const std::vector<std::uint8_t>& request, Counters& counters) {
  const int fd = connected(socket);
  if (fd < 0) return;
  ++counters.connections;
  std::array<char, 4096> sink{};
  for (;;) {
    if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) break;
    ++counters.frames;
    if (::recv(fd, sink.data(), sink.size(), 0) <= 0) break;
    ++counters.answers;
  }
  ::close(fd);
}

void half_open(const std::string& socket, Counters& counters) {
  const int fd = connected(socket);
  if (fd < 0) return;
  ++counters.connections;
  char byte = 20;
  (void)!::send(fd, &byte, 1, MSG_NOSIGNAL);
  (void)!::recv(fd, &byte, 1, 0);
  ::close(fd);
}

void garbage(const std::string& socket, std::mt19937& random, Counters& counters) {
  const int fd = connected(socket);
  if (fd < 0) return;
  ++counters.connections;
  std::array<std::uint8_t, 64> noise{};
  for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(random());
  if (random() % 2 == 0) noise[1] = noise[2] = noise[3] = 0;
  if (::send(fd, noise.data(), noise.size(), MSG_NOSIGNAL) > 0) ++counters.frames;
  ::close(fd);
}

[[noreturn]] void attack(const std::string& socket, int process, Counters& counters) {
  // Last: another uid takes it away.
  if (::setgid(kMallory) != 0 || ::setuid(kMallory) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) ::_exit(1);
  const auto status = frame(wire::Type::status, wire::Empty{});
  const auto not_permitted = frame(wire::Type::remove, wire::Remove{text("ann"), {}});
  const auto login =
      frame(wire::Type::auth_begin, wire::AuthBegin{.user = text("mallory"), .service = text("su"), .timeout_ms = 500});
  const auto password = frame(wire::Type::prove_password, wire::ProvePassword{text("mallory"), text("guess")});
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] {
      std::mt19937 random(static_cast<unsigned>(process * kThreads + i));
      for (;;) switch ((process * kThreads + i) % 6) {
          case 0:
            repeat(socket, status, counters);
            break;
          case 1:
            repeat(socket, not_permitted, counters);
            break;
          case 2:
            repeat(socket, login, counters);
            break;
          case 3:
            repeat(socket, password, counters);
            break;
          case 4:
            half_open(socket, counters);
            break;
          default:
            garbage(socket, random, counters);
        }
    });
  for (std::thread& thread : threads) thread.join();
  ::_exit(0);
}

// What sudo does for whoever starts it and never answers: as many of root's connections as there are places. Nothing
// where the kernel does not tell whose they are.
[[noreturn]] void leave_prompts_open(const std::string& socket, Counters& counters) {
  std::ofstream session("/proc/self/loginuid");
  if (!(session << kTrudy << std::flush) || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) ::_exit(1);
  const auto sudo = frame(wire::Type::auth_begin, wire::AuthBegin{.user = text("bob"), .service = text("sudo")});
  for (;;) {
    std::vector<int> open;
    for (std::size_t i = 0; i < limits::kConnectionsMax; ++i) {
      open.push_back(connected(socket));
      if (::send(open.back(), sudo.data(), sudo.size(), MSG_NOSIGNAL) > 0) ++counters.prompts;
    }
    std::this_thread::sleep_for(std::chrono::seconds(5));
    for (const int fd : open) ::close(fd);
  }
}

// All of them in one login session of its own, as a user's programs are: the kernel shares the processors out by
// session. Gives the process group.
pid_t begin_attack(const std::string& socket, Counters& counters) {
  const pid_t leader = ::fork();
  if (leader != 0) return leader;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::setsid();
  for (int i = 0; i < kProcesses; ++i)
    if (::fork() == 0) attack(socket, i, counters);
  if (::fork() == 0) leave_prompts_open(socket, counters);
  for (;;) ::pause();
}

struct Measured {
  std::vector<double> ms;
  int right = 0, asked = 0;
  [[nodiscard]] double at(double quantile) const {
    std::vector<double> sorted = ms;
    std::sort(sorted.begin(), sorted.end());
    return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(quantile * static_cast<double>(sorted.size())))];
  }
};

// Ann is before the camera; bob's request must be refused.
Measured verify(const Daemon& daemon, int rounds) {
  Measured result;
  for (int i = 0; i < rounds; ++i) {
    const bool owner = i % 2 == 0;
    const auto asked = Clock::now();
    WireClient client(daemon.socket());
    client.send(wire::Type::verify_begin, wire::VerifyBegin{.user = text(owner ? "ann" : "bob"), .timeout_ms = 3000});
    std::optional<Answered> answer = client.receive();
    if (answer && answer->header.type == wire::Type::ack) {
      client.send(wire::Type::finish, wire::Empty{});
      answer = client.answer();
    }
    result.ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - asked).count());
    ++result.asked;
    if (!answer || answer->header.type != wire::Type::verify_result) continue;
    const auto verdict = answer->as<wire::VerifyResult>();
    if (verdict && verdict->verdict == (owner ? Verdict::match : Verdict::no_match)) ++result.right;
    if (!owner) (void)tool(daemon, {"unlock", "bob"});
  }
  return result;
}

void print(const char* name, const Measured& m) {
  std::printf("%-14s %4d of %4d right   p50 %7.1f ms   p99 %7.1f ms   longest %7.1f ms\n", name, m.right, m.asked,
              m.at(0.5), m.at(0.99), m.at(1));
}

// Connections that break the protocol in their first frame, as fast as they go; true when the keeper lives on.
bool malformed(const Daemon& daemon, std::uint64_t frames) {
  std::mt19937 random(7);
  auto* counters = new Counters{};
  const auto begun = Clock::now();
  while (counters->frames < frames && daemon.running()) garbage(daemon.socket(), random, *counters);
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  const Measured after = daemon.running() ? verify(daemon, 4) : Measured{};
  std::printf("%llu malformed frames in %.0f s; afterwards %d of %d right\n",
              static_cast<unsigned long long>(counters->frames.load()), seconds, after.right, after.asked);
  const bool lives = daemon.running() && after.asked > 0 && after.right == after.asked;
  delete counters;
  return lives;
}

int attack_and_measure(int rounds, std::uint64_t malformed_frames) {
  Daemon daemon({.extra = "[service.sudo]\nintent = \"enter\"\n", .timeout_s = 3, .users = {"ann", "bob", "mallory"}});
  if (::geteuid() != 0 || !daemon.start()) {
    std::fprintf(stderr, "faceauth-attack: needs root, and a build of faced\n%s\n", daemon.log().c_str());
    return 2;
  }
  int seed = 11;
  for (const char* user : {"ann", "bob", "mallory"})
    if (tool(daemon,
             {"enroll", user, "--image", daemon.text_image(user, "face " + std::to_string(seed++ * 11)),
              "--password-stdin"},
             "secret\n")
            .code != 0)
      return 2;
  daemon.show_text("face 121");
  (void)verify(daemon, 4);
  const Measured quiet = verify(daemon, rounds);
  print("quiet", quiet);

  auto* counters = static_cast<Counters*>(
      ::mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  const pid_t attackers = begin_attack(daemon.socket(), *counters);
  std::this_thread::sleep_for(milliseconds(1000));
  const auto begun = Clock::now();
  const Measured attacked = verify(daemon, rounds);
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  print("under attack", attacked);
  std::printf("%d clients of uid %u meanwhile, per second: %.0f frames, %.0f connections, %.0f answers\n",
              kProcesses * kThreads, kMallory, static_cast<double>(counters->frames) / (seconds + 1),
              static_cast<double>(counters->connections) / (seconds + 1),
              static_cast<double>(counters->answers) / (seconds + 1));
  std::printf("%llu logins of sudo begun for uid %u meanwhile, and left at their prompt\n",
              static_cast<unsigned long long>(counters->prompts.load()), kTrudy);
  ::kill(-attackers, SIGKILL);
  ::waitpid(attackers, nullptr, 0);
  const bool was_hostile = counters->frames > 0;
  if (!was_hostile) std::fprintf(stderr, "faceauth-attack: not one hostile frame was sent\n");
  const double ratio = attacked.at(0.99) / quiet.at(0.99);
  std::printf("p99 under attack is %.2f times quiet\n", ratio);
  const bool lives = malformed_frames == 0 || malformed(daemon, malformed_frames);
  const bool right = quiet.right == quiet.asked && attacked.right == attacked.asked;
  return right && was_hostile && ratio <= kRatioMost && lives ? 0 : 1;
}

}  // namespace
}  // namespace faceauth::test

int main(int argc, char** argv) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 200;
  const auto malformed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000ULL;
  return faceauth::test::attack_and_measure(std::max(rounds, 2), malformed);
}
