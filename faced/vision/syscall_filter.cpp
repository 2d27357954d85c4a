#include <faced/vision/syscall_filter.h>

#include <linux/videodev2.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace faceauth::vision {
namespace {

// How glibc's fork() and pthread_create() call clone(2); no other flags, so no new namespaces.
constexpr scmp_datum_t kForkFlags = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD;
constexpr scmp_datum_t kThreadFlags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM | CLONE_SIGHAND | CLONE_THREAD |
                                      CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID;
constexpr scmp_datum_t kSetModeFilter = 1;  // seccomp(2)'s operation, from linux/seccomp.h

// Descriptors that are open, memory, waiting, the time, the end: enough to look at pictures. No signals, so abort()
// ends a process by SIGSYS as well.
constexpr int kForBoth[] = {
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(sendto),
    SCMP_SYS(close),
    SCMP_SYS(fstat),  // not newfstatat, as glibc has it: its path would tell which files exist
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(sched_yield),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(nanosleep),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(sched_getaffinity),  // glibc counts processors when a thread allocates for the first time
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group)};

// Refused instead of killed for: libraries look for files that may be missing at moments that nobody can list, such as
// glibc for the number of processors and iconv for its tables, and live without.
constexpr int kByName[] = {SCMP_SYS(open),       SCMP_SYS(openat),   SCMP_SYS(stat),      SCMP_SYS(lstat),
                           SCMP_SYS(newfstatat), SCMP_SYS(statx),    SCMP_SYS(access),    SCMP_SYS(faccessat),
                           SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat)};

// What V4L2 capture needs; terminals, disks and all other devices stay out of reach even on descriptors we hold.
constexpr unsigned long kCameraRequests[] = {VIDIOC_QUERYCAP, VIDIOC_ENUM_FMT, VIDIOC_S_FMT,
                                             VIDIOC_REQBUFS,  VIDIOC_QUERYBUF, VIDIOC_QBUF,
                                             VIDIOC_DQBUF,    VIDIOC_STREAMON, VIDIOC_STREAMOFF};

// Receiving work, forking for it, reaping; and what a process's first thread needs to start.
constexpr int kForFirst[] = {SCMP_SYS(recvmsg),     SCMP_SYS(wait4),   SCMP_SYS(close_range), SCMP_SYS(dup2),
                             SCMP_SYS(dup3),        SCMP_SYS(getppid), SCMP_SYS(rseq),        SCMP_SYS(set_robust_list),
                             SCMP_SYS(rt_sigaction)};

struct Release {
  void operator()(void* context) const { ::seccomp_release(context); }
};

// libseccomp's calls in a row; the first error stays.
class Filter {
 public:
  Filter() : context_(::seccomp_init(SCMP_ACT_KILL_PROCESS)) {
    if (!context_) {
      error_ = -ENOMEM;
      return;
    }
    set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    set(SCMP_FLTATR_CTL_NNP, 0);  // set already; the filter would not let it be set again
    for (const int call : kForBoth) rule(SCMP_ACT_ALLOW, call);
    for (const int call : kByName) rule(SCMP_ACT_ERRNO(EACCES), call);
    for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
      rule(SCMP_ACT_ALLOW, call, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    for (const unsigned long request : kCameraRequests)
      rule(SCMP_ACT_ALLOW, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_EQ, request));
  }

  template <class... Compare>
  void rule(std::uint32_t action, int call, Compare... compare) {
    note(::seccomp_rule_add(context_.get(), action, call, sizeof...(compare), compare...));
  }
  void set(scmp_filter_attr attribute, std::uint32_t value) {
    note(::seccomp_attr_set(context_.get(), attribute, value));
  }

  Result<void> load() {
    if (error_ == 0) note(::seccomp_load(context_.get()));
    if (error_ == 0) return {};
    return fail(Errc::internal, std::string("the system call filter: ") + std::strerror(-error_));
  }

 private:
  void note(int result) {
    if (error_ == 0 && result < 0) error_ = result;
  }

  std::unique_ptr<void, Release> context_;
  int error_ = 0;
};

}  // namespace

Result<void> filter_first_process() {
  Filter filter;
  for (const int call : kForFirst) filter.rule(SCMP_ACT_ALLOW, call);
  for (const scmp_datum_t flags : {kForkFlags, kThreadFlags})
    filter.rule(SCMP_ACT_ALLOW, SCMP_SYS(clone), SCMP_A0(SCMP_CMP_EQ, flags));
  // A filter cannot see clone3's flags; glibc then takes clone.
  filter.rule(SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3));
  filter.rule(SCMP_ACT_ALLOW, SCMP_SYS(kill), SCMP_A1(SCMP_CMP_EQ, SIGKILL));
  filter.rule(SCMP_ACT_ALLOW, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_PDEATHSIG));
  filter.rule(SCMP_ACT_ALLOW, SCMP_SYS(seccomp), SCMP_A0(SCMP_CMP_EQ, kSetModeFilter));
  return filter.load();
}

Result<void> filter_worker() {
  Filter filter;
  filter.set(SCMP_FLTATR_CTL_TSYNC, 1);
  return filter.load();
}

}  // namespace faceauth::vision
