#include <faced/vision/confine.h>

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace faceauth::vision {
namespace {

// The largest picture allowed takes 150 MB decoded; progressive JPEG and turning it upright take several times that.
constexpr rlim_t kMemoryMargin = rlim_t{1} << 30;

// Sanitizers reserve terabytes and inspect the process by ptrace.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
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

}  // namespace

Result<void> confine_process() {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return refused("PR_SET_PDEATHSIG");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return refused("PR_SET_NO_NEW_PRIVS");
  if (!limit(RLIMIT_CORE, 0)) return refused("RLIMIT_CORE");
  if (!kSanitized && ::prctl(PR_SET_DUMPABLE, 0) != 0) return refused("PR_SET_DUMPABLE");
  return {};
}

Result<void> confine_resources() {
  ::tzset();  // libavformat asks for the local time; /etc/localtime is read here, not later
  // Messages to a stderr that is a file are lost from here on, instead of ending the process.
  ::signal(SIGXFSZ, SIG_IGN);
  if (!limit(RLIMIT_FSIZE, 0)) return refused("RLIMIT_FSIZE");
  const rlim_t now = address_space_now();
  if (now == 0) return fail(Errc::internal, "cannot read /proc/self/statm");
  if (!kSanitized && !limit(RLIMIT_AS, now + kMemoryMargin)) return refused("RLIMIT_AS");
  return {};
}

}  // namespace faceauth::vision
