#include <faced/vision/confine.h>
#include <faced/vision/landlock.h>
#include <faced/vision/syscall_filter.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace faceauth::vision {
namespace {

// The largest picture allowed takes 150 MB decoded; progressive JPEG and turning it upright take several times that.
constexpr rlim_t kMemoryMargin = rlim_t{1} << 30;
constexpr rlim_t kDescriptorsMax = 512;  // a session of stills is 200

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(FACEAUTH_COVERAGE)
constexpr bool kInstrumented = true;
#else
constexpr bool kInstrumented = false;
#endif

tl::unexpected<Error> refused(const char* what) {
  return fail(Errc::internal, std::string(what) + ": " + std::strerror(errno));
}

bool limit(__rlimit_resource_t resource, rlim_t value) {
  const rlimit both{value, value};
  return ::setrlimit(resource, &both) == 0;
}

rlim_t address_space_now() {
  std::ifstream statm("/proc/self/statm");
  rlim_t pages = 0;
  statm >> pages;
  return pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

// fork() copies the calling thread alone: a lock that another one holds would stay locked in the child.
Result<void> check_single_threaded() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  const auto threads = std::distance(begin(tasks), end(tasks));
  if (threads == 1) return {};
  return fail(Errc::internal, "loading the models left " + std::to_string(threads) +
                                  " threads running, and a process with threads cannot be forked; is the BLAS library "
                                  "one that starts threads of its own?");
}

// What libraries would look up in files the first time they need it.
void settle_lazy_state() {
  ::setenv("TZ", "UTC0", 1);  // libavformat asks for the local time
  ::tzset();
  std::setvbuf(stdout, nullptr, _IONBF, 0);  // else the first print asks what stdout is
}

// Where memory runs out, what parses pictures goes before the keeper. Before PR_SET_DUMPABLE, which takes the file
// away.
void prefer_to_be_killed() { std::ofstream("/proc/self/oom_score_adj") << 1000; }

}  // namespace

bool confinement_complete() { return !kInstrumented; }

Result<void> confine_process() {
  prefer_to_be_killed();
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return refused("PR_SET_PDEATHSIG");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("PR_SET_NO_NEW_PRIVS");
  if (!limit(RLIMIT_CORE, 0)) return refused("RLIMIT_CORE");
  if (!kInstrumented && ::prctl(PR_SET_DUMPABLE, 0) != 0) return refused("PR_SET_DUMPABLE");
  return {};
}

Result<void> lock_in() {
  settle_lazy_state();
  if (!limit(RLIMIT_NOFILE, kDescriptorsMax)) return refused("RLIMIT_NOFILE");
  if (kInstrumented) return {};
  if (Result<void> alone = check_single_threaded(); !alone) return alone;
  // Messages to a stderr that is a file, or that nobody reads, are lost from here on, instead of ending the process.
  for (const int sent_for_a_message : {SIGXFSZ, SIGPIPE}) ::signal(sent_for_a_message, SIG_IGN);
  if (!limit(RLIMIT_FSIZE, 0)) return refused("RLIMIT_FSIZE");
  const rlim_t now = address_space_now();
  if (now == 0) return fail(Errc::internal, "cannot read /proc/self/statm");
  if (!limit(RLIMIT_AS, now + kMemoryMargin)) return refused("RLIMIT_AS");
  const Result<bool> landlocked = enter_landlock();
  if (!landlocked) return tl::unexpected<Error>(landlocked.error());
  if (!*landlocked)
    ::dprintf(STDERR_FILENO, "faced-vision: this kernel has no Landlock; the system call filter stands alone\n");
  return filter_first_process();
}

Result<void> lock_worker() { return kInstrumented ? Result<void>{} : filter_worker(); }

void silence_worker() {
  if (!kInstrumented) ::dup2(STDOUT_FILENO, STDERR_FILENO);
}

}  // namespace faceauth::vision
