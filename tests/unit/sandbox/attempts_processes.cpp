// Other processes, programs, threads and memory.
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "attempts.h"

namespace faceauth::vision {
namespace {

using Outside = Attempt::Outside;

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

int read_keeper(const Targets& t) {
  std::array<char, 16> stolen{};
  iovec here{stolen.data(), stolen.size()};
  iovec there{const_cast<char*>(t.keeper_memory), stolen.size()};
  return outcome(::process_vm_readv(t.keeper, &here, 1, &there, 1, 0));
}

int write_keeper(const Targets& t) {
  char byte = 'X';
  iovec here{&byte, 1};
  iovec there{const_cast<char*>(t.keeper_memory), 1};
  return outcome(::process_vm_writev(t.keeper, &here, 1, &there, 1, 0));
}

int attach_keeper(const Targets& t) {
  if (::ptrace(PTRACE_ATTACH, t.keeper, nullptr, nullptr) != 0) return errno;
  ::waitpid(t.keeper, nullptr, 0);
  return outcome(::ptrace(PTRACE_DETACH, t.keeper, nullptr, nullptr));
}

// Replaces the process: whatever it then does, its exit status is 0.
int exec_program(const Targets&) {
  std::array<char*, 2> arguments{const_cast<char*>("true"), nullptr};
  ::execve("/bin/true", arguments.data(), environ);
  return errno;
}

int exec_from_memory(const Targets&) {
  const int program = ::memfd_create("program", 0);
  if (program < 0) return errno;
  const int original = ::open("/bin/true", O_RDONLY);
  if (original < 0) return errno;
  std::array<char, 65536> part;
  for (ssize_t size = 0; (size = ::read(original, part.data(), part.size())) > 0;)
    if (::write(program, part.data(), static_cast<std::size_t>(size)) != size) return errno;
  std::array<char*, 2> arguments{const_cast<char*>("true"), nullptr};
  ::fexecve(program, arguments.data(), environ);
  return errno;
}

int exec_at(const Targets& t) {
  std::array<char*, 1> nothing{nullptr};
  const long result = ::syscall(SYS_execveat, t.file, "", nothing.data(), environ, AT_EMPTY_PATH);
  return errno == EACCES ? 0 : outcome(result);  // judged by the file's mode: the call got through
}

int one_child(pid_t child) {
  if (child == 0) ::_exit(0);
  if (child < 0) return errno;
  ::waitpid(child, nullptr, 0);
  return 0;
}

int fork_bomb(const Targets&) {
  for (int i = 0; i < 200; ++i)
    if (const int error = one_child(::fork())) return error;
  return 0;
}

int clone3_child(const Targets&) {
  std::array<std::uint64_t, 8> arguments{};
  arguments[4] = SIGCHLD;
  return one_child(static_cast<pid_t>(::syscall(SYS_clone3, arguments.data(), sizeof arguments)));
}

int clone_with(unsigned long flags) {
  return one_child(static_cast<pid_t>(::syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, 0UL)));
}

int one_thread() {
  pthread_t thread{};
  const int error = ::pthread_create(
      &thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr);
  return error != 0 ? error : ::pthread_join(thread, nullptr);
}

int thread_bomb(const Targets&) {
  for (int i = 0; i < 200; ++i)
    if (const int error = one_thread()) return error;
  return 0;
}

int map(int protection) {
  void* at = ::mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? errno : 0;
}

int make_executable(const Targets&) {
  void* at = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return errno;
  return outcome(::mprotect(at, 4096, PROT_READ | PROT_EXEC));
}

int make_executable_with_key(const Targets&) {
  void* at = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return errno;
  return outcome(::syscall(SYS_pkey_mprotect, at, 4096, PROT_READ | PROT_EXEC, -1));
}

int map_file_executable(const Targets&) {
  void* at = ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, STDIN_FILENO, 0);
  return at != MAP_FAILED || errno == ENODEV || errno == EACCES ? 0 : errno;  // judged by the file: it got through
}

int allocate_without_end(const Targets&) {
  for (std::size_t taken = 0; taken < 8192; taken += 64)
    if (std::malloc(64 * kMegabyte) == nullptr) return errno;
  return 0;
}

int grow_without_end(const Targets&) {
  std::size_t size = kMegabyte;
  void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (; at != MAP_FAILED && size < 8192 * kMegabyte; size *= 2) at = ::mremap(at, size, 2 * size, MREMAP_MAYMOVE);
  return at == MAP_FAILED ? errno : 0;
}

int raise_limit(const Targets&) {
  const rlimit more{RLIM_INFINITY, RLIM_INFINITY};
  return outcome(::setrlimit(RLIMIT_CORE, &more));
}

int limit_keeper(const Targets& t) {
  const rlimit none{0, 0};
  return outcome(::prlimit(t.keeper, RLIMIT_CORE, &none, nullptr));
}

}  // namespace

int kill_keeper(const Targets& t) { return outcome(::kill(t.keeper, SIGKILL)); }

std::vector<Attempt> process_attempts() {
  constexpr auto kFirst = Attempt::Place::first_process;
  return {
      {"ptrace the keeper", attach_keeper, Outside::succeeds, Attempt::Place::nowhere, 1},
      {"read the keeper's memory", read_keeper, Outside::succeeds, Attempt::Place::nowhere, 1},
      {"write the keeper's memory", write_keeper, Outside::succeeds, Attempt::Place::nowhere, 1},
      {"kill the keeper", kill_keeper, Outside::succeeds, Attempt::Place::nowhere, 6},
      {"signal the keeper", [](const Targets& t) { return outcome(::kill(t.keeper, SIGHUP)); }, Outside::succeeds,
       Attempt::Place::nowhere, 6},
      {"abort the keeper", [](const Targets& t) { return outcome(::syscall(SYS_tgkill, t.keeper, t.keeper, SIGABRT)); },
       Outside::succeeds, Attempt::Place::nowhere, 6},
      {"queue a signal to the keeper", [](const Targets& t) { return outcome(::sigqueue(t.keeper, SIGHUP, sigval{})); },
       Outside::succeeds, Attempt::Place::nowhere, 6},
      {"pidfd of the keeper", [](const Targets& t) { return outcome(::syscall(SYS_pidfd_open, t.keeper, 0)); }},
      {"limit the keeper's resources", limit_keeper},
      {"take the keeper's priority",
       [](const Targets& t) { return outcome(::setpriority(PRIO_PROCESS, static_cast<id_t>(t.keeper), 10)); }},
      {"run a program", exec_program, Outside::succeeds, Attempt::Place::nowhere, 1},
      {"run a program from memory", exec_from_memory},
      {"run a passed descriptor", exec_at},
      {"fork", [](const Targets&) { return one_child(::fork()); }, Outside::succeeds, kFirst},
      {"fork bomb", fork_bomb, Outside::succeeds, kFirst},
      {"vfork", [](const Targets&) { return clone_with(CLONE_VFORK); }},
      {"clone3", clone3_child},
      {"clone into a user namespace", [](const Targets&) { return clone_with(CLONE_NEWUSER); }, Outside::depends},
      {"start a thread", [](const Targets&) { return one_thread(); }, Outside::succeeds, kFirst},
      {"threads without end", thread_bomb, Outside::succeeds, kFirst},
      {"memory to write and execute", [](const Targets&) { return map(PROT_READ | PROT_WRITE | PROT_EXEC); }},
      {"make memory executable", make_executable},
      {"make memory executable with a key", make_executable_with_key},
      {"map a file to execute", map_file_executable},
      {.name = "allocate without end", .run = allocate_without_end, .limited = true},
      {.name = "grow without end", .run = grow_without_end, .limited = true},
      {"shared memory segment", [](const Targets&) { return outcome(::shmget(IPC_PRIVATE, 4096, 0600)); },
       Outside::depends},
      {"lock memory", [](const Targets&) { return outcome(::mlockall(MCL_CURRENT)); }, Outside::depends},
      {"raise a limit", raise_limit, Outside::depends},
  };
}

}  // namespace faceauth::vision
