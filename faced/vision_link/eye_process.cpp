#include <faced/vision_link/eye_process.h>

#include <faced/util/pidfd.h>
#include <faced/util/spawn.h>
#include <faced/vision_link/eye_protocol.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

namespace faceauth {
namespace {

constexpr int kReapWithinMs = 200;

// Killed, but held in the kernel by a driver: reaped when the next one starts. The keeper's one thread.
std::vector<pid_t>& unreaped() {
  static std::vector<pid_t> pids;
  return pids;
}

// What systemd gave the keeper is not the eye's: above all the credentials' place.
std::vector<char*> eye_environment() {
  constexpr std::array<std::string_view, 8> kWithheld = {
      "NOTIFY_SOCKET=", "WATCHDOG_PID=",   "WATCHDOG_USEC=",         "LISTEN_PID=",
      "LISTEN_FDS=",    "LISTEN_FDNAMES=", "CREDENTIALS_DIRECTORY=", "STATE_DIRECTORY="};
  static char one_blas_thread[] = "OPENBLAS_NUM_THREADS=1";
  std::vector<char*> kept;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const bool withheld =
        std::any_of(kWithheld.begin(), kWithheld.end(), [&](auto name) { return text.starts_with(name); });
    if (!withheld && !text.starts_with("OPENBLAS_NUM_THREADS=")) kept.push_back(*entry);
  }
  kept.push_back(one_blas_thread);
  kept.push_back(nullptr);
  return kept;
}

}  // namespace

Result<EyeProcess> EyeProcess::spawn(const std::string& program, const std::string& models,
                                     const std::string& encoder) {
  std::erase_if(unreaped(), [](pid_t pid) { return ::waitpid(pid, nullptr, WNOHANG) != 0; });
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
    return fail(Errc::eye_failed, std::string("socketpair: ") + std::strerror(errno));
  Fd ours(pair[0]);
  Fd theirs(pair[1]);
  ::fcntl(ours.get(), F_SETFL, ::fcntl(ours.get(), F_GETFL) | O_NONBLOCK);

  FileActions actions;
  ::posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(actions.get(), STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(actions.get(), theirs.get(), eye::kLinkFd);
  ::posix_spawn_file_actions_addclosefrom_np(actions.get(), eye::kLinkFd + 1);  // whatever a library left open

  std::vector<std::string> words = {program, "--models", models};
  if (!encoder.empty()) words.insert(words.end(), {"--encoder", encoder});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::vector<char*> environment = eye_environment();
  const PlainSignals signals;
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, program.c_str(), actions.get(), signals.get(), arguments.data(), environment.data());
  if (error != 0) return fail(Errc::eye_failed, "cannot start " + program + ": " + std::strerror(error));
  return EyeProcess(pid, std::move(ours));
}

EyeProcess& EyeProcess::operator=(EyeProcess&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, -1);
    link_ = std::move(other.link_);
  }
  return *this;
}

EyeProcess::~EyeProcess() { end(); }

void EyeProcess::end() noexcept {
  link_.reset();
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  const Fd gone = pidfd_of(pid_);
  pollfd wait{gone.get(), POLLIN, 0};
  if (gone.valid()) ::poll(&wait, 1, kReapWithinMs);
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) unreaped().push_back(pid_);
  pid_ = -1;
}

bool EyeProcess::send(std::span<const std::uint8_t> packet, std::span<const Fd> files) const noexcept {
  if (!link_.valid() || files.size() > eye::kFilesMax) return false;
  iovec part{const_cast<std::uint8_t*>(packet.data()), packet.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * eye::kFilesMax)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!files.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int) * files.size());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * files.size());
    unsigned char* out = CMSG_DATA(header);
    for (const Fd& file : files) {
      const int fd = file.get();
      std::memcpy(out, &fd, sizeof fd);
      out += sizeof fd;
    }
  }
  ssize_t sent = 0;
  do sent = ::sendmsg(link_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(packet.size());
}

}  // namespace faceauth
