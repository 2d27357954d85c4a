#include "eye_under_test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <tests/support/built.h>
#include <tests/unit/support/send_descriptors.h>

#include <algorithm>
#include <fstream>
#include <thread>

namespace faceauth::vision {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

std::pair<Fd, Fd> socket_pair() {
  int pair[2] = {-1, -1};
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  return {Fd(pair[0]), Fd(pair[1])};
}

// Whether something can be read before `deadline`.
bool readable(int fd, steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  pollfd ready{fd, POLLIN, 0};
  return left.count() > 0 && ::poll(&ready, 1, static_cast<int>(left.count())) > 0;
}

}  // namespace

void Channel::send_bytes(std::span<const std::uint8_t> bytes, const std::vector<int>& files) const {
  EXPECT_EQ(test::send_descriptors(socket_.get(), bytes.data(), bytes.size(), files),
            static_cast<ssize_t>(bytes.size()));
}

std::optional<Blob> Channel::receive_bytes(eye::Type type, milliseconds within) {
  const auto is_wanted = [type](const Blob& packet) { return packet[0] == static_cast<std::uint8_t>(type); };
  auto found = std::find_if(kept_.begin(), kept_.end(), is_wanted);
  for (const auto deadline = steady_clock::now() + within; found == kept_.end();) {
    if (!readable(socket_.get(), deadline)) return std::nullopt;
    Blob packet(eye::kPacketMax);
    const ssize_t size = ::recv(socket_.get(), packet.data(), packet.size(), 0);
    if (size <= 0) return std::nullopt;
    packet.resize(static_cast<std::size_t>(size));
    kept_.push_back(std::move(packet));
    found = is_wanted(kept_.back()) ? std::prev(kept_.end()) : kept_.end();
  }
  Blob packet = *found;
  kept_.erase(found);
  return packet;
}

bool Channel::ends(milliseconds within) {
  Blob packet(eye::kPacketMax);
  for (const auto deadline = steady_clock::now() + within; readable(socket_.get(), deadline);)
    if (::recv(socket_.get(), packet.data(), packet.size(), 0) <= 0) return true;
  return false;
}

EyeUnderTest::EyeUnderTest(const std::string& models, bool with_link) {
  auto [ours, theirs] = socket_pair();
  link = Channel(std::move(ours));
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  if (with_link)
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), eye::kLinkFd);
  else
    ::posix_spawn_file_actions_addopen(&actions, eye::kLinkFd, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  int errors[2] = {-1, -1};
  EXPECT_EQ(::pipe2(errors, O_CLOEXEC | O_NONBLOCK), 0);
  errors_from_.reset(errors[0]);
  const Fd errors_to(errors[1]);
  ::posix_spawn_file_actions_adddup2(&actions, errors_to.get(), STDERR_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, eye::kLinkFd + 1);
  std::string program = test::built::kEye, option = "--models", directory = models;
  char* arguments[] = {program.data(), option.data(), directory.data(), nullptr};
  // What the sanitizers want, and the fake camera.
  std::string preload = std::string("LD_PRELOAD=") + test::built::kFakeCamera,
              asan = "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0";
  char* environment[] = {preload.data(), asan.data(), nullptr};
  if (::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environment) != 0) pid_ = -1;
  ::posix_spawn_file_actions_destroy(&actions);
}

EyeUnderTest::~EyeUnderTest() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

Channel EyeUnderTest::work_bytes(std::span<const std::uint8_t> packet, std::vector<int> files) {
  auto [ours, theirs] = socket_pair();
  files.insert(files.begin(), theirs.get());
  link.send_bytes(packet, files);
  return Channel(std::move(ours));
}

Sight EyeUnderTest::look_at(int file) {
  Channel worker = work(eye::Type::encode_image, eye::EncodeImage{true}, {file});
  const auto answer = worker.receive<eye::Image>(eye::Type::image);
  if (answer) return answer->sight;
  ADD_FAILURE() << "no answer about the picture";
  return {};
}

std::optional<int> EyeUnderTest::exit_code(milliseconds within) {
  for (const auto deadline = steady_clock::now() + within; steady_clock::now() < deadline;) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      if (WIFEXITED(status)) return WEXITSTATUS(status);
      return std::nullopt;
    }
    std::this_thread::sleep_for(milliseconds(5));
  }
  return std::nullopt;
}

std::vector<pid_t> EyeUnderTest::workers(std::size_t wanted) const {
  std::vector<pid_t> found;
  for (const auto deadline = steady_clock::now() + seconds(5); steady_clock::now() < deadline;) {
    const std::string id = std::to_string(pid_);
    std::ifstream children("/proc/" + id + "/task/" + id + "/children");
    found.clear();
    for (pid_t pid = 0; children >> pid;) found.push_back(pid);
    if (found.size() == wanted) break;
    std::this_thread::sleep_for(milliseconds(10));
  }
  return found;
}

std::string EyeUnderTest::errors() {
  std::array<char, 4096> part;
  for (ssize_t size = 0; (size = ::read(errors_from_.get(), part.data(), part.size())) > 0;)
    errors_.append(part.data(), static_cast<std::size_t>(size));
  return errors_;
}

std::string status_field(pid_t pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name + ":")) return line.substr(line.find_first_not_of("\t ", name.size() + 1));
  return {};
}

std::multiset<std::string> descriptors_of(pid_t pid) {
  std::multiset<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) {
    const std::string target = std::filesystem::read_symlink(entry.path());
    found.insert(target.substr(0, target.find(':')));
  }
  return found;
}

}  // namespace faceauth::vision
