#include <enroll-tool/deadline.h>
#include <enroll-tool/fd.h>
#include <enroll-tool/file.h>
#include <enroll-tool/program.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace faceauth::enroll {

namespace {

constexpr std::chrono::milliseconds kWithin{20'000};
constexpr std::size_t kTextMost = 1 << 20;

// Reads on beyond the bound, so that the program can end.
void collect(int fd, std::string& text, const Deadline& deadline) {
  std::array<char, 8192> chunk;
  for (;;) {
    pollfd wait{fd, POLLIN, 0};
    if (::poll(&wait, 1, deadline.left_ms()) <= 0) return;
    const ssize_t got = ::read(fd, chunk.data(), chunk.size());
    if (got <= 0) return;
    const std::size_t room = kTextMost - text.size();
    text.append(chunk.data(), std::min(static_cast<std::size_t>(got), room));
  }
}

int wait_for(pid_t child, const Deadline& deadline) {
  int status = 0;
  pid_t got = 0;
  while ((got = ::waitpid(child, &status, WNOHANG)) == 0) {
    if (deadline.left_ms() == 0) ::kill(child, SIGKILL);
    ::poll(nullptr, 0, 5);
  }
  return got == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Result<Said> ask_program(const std::vector<std::string>& argv) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Errc::io, "no pipe can be made");
  const Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  std::vector<std::string> words = argv;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", locale[] = "LC_ALL=C.UTF-8";
  char* environment[] = {path, locale, nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, write_end.get(), STDERR_FILENO);
  pid_t child = -1;
  const int error = ::posix_spawn(&child, argv[0].c_str(), &actions, nullptr, pointers.data(), environment);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    return fail(error == ENOENT ? Errc::not_found : Errc::io, fmt::format("{}: {}", argv[0], reason(error)));
  write_end = Fd();
  Said said;
  const Deadline deadline(kWithin);
  collect(read_end.get(), said.text, deadline);
  said.exit = wait_for(child, deadline);
  return said;
}

}  // namespace faceauth::enroll
