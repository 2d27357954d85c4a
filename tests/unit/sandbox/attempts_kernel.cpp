// Privileges, namespaces and corners of the kernel that have been broken before.
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <linux/videodev2.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "attempts.h"

namespace faceauth::vision {
namespace {

using Outside = Attempt::Outside;

int load_bpf(const Targets&) {
  bpf_attr map{};
  map.map_type = BPF_MAP_TYPE_ARRAY;
  map.key_size = map.value_size = 4;
  map.max_entries = 1;
  return outcome(::syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map));
}

int perf_event(const Targets&) {
  perf_event_attr counter{};
  counter.type = PERF_TYPE_SOFTWARE;
  counter.size = sizeof counter;
  counter.config = PERF_COUNT_SW_PAGE_FAULTS;
  return outcome(::syscall(SYS_perf_event_open, &counter, 0, -1, -1, 0));
}

int io_uring(const Targets&) {
  io_uring_params parameters{};
  return outcome(::syscall(SYS_io_uring_setup, 4, &parameters));
}

int type_into_terminal(const Targets& t) {
  char typed = 'x';
  return outcome(::ioctl(t.terminal, TIOCSTI, &typed));
}

// Judged by the device, which is none of the kind: the call got through.
int camera_ioctl(const Targets& t, unsigned long request) {
  std::array<char, 512> argument{};
  return ::ioctl(t.file, request, argument.data()) == 0 || errno == ENOTTY ? 0 : errno;
}

int mount_tmpfs(const Targets& t) {
  if (::unshare(CLONE_NEWNS) != 0) return errno;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return errno;
  return outcome(::mount("none", t.directory.c_str(), "tmpfs", 0, nullptr));
}

int mount_directly(const Targets& t) {
  const long result = ::syscall(SYS_mount, "none", t.directory.c_str(), "no such file system", 0, nullptr);
  return errno == ENODEV ? 0 : outcome(result);
}

int own_filter(const Targets&) {
  const long result = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, nullptr);
  return errno == EFAULT ? 0 : outcome(result);
}

#ifdef __x86_64__
// open("/etc/passwd") by the 32-bit entry, whose numbers mean other calls. The path must lie below 4 GiB.
int open_by_32_bit_entry(const Targets&) {
  void* low = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  if (low == MAP_FAILED) return errno;
  std::strcpy(static_cast<char*>(low), "/etc/passwd");
  long result = 5;
  __asm__ volatile("int $0x80" : "+a"(result) : "b"(low), "c"(O_RDONLY), "d"(0) : "memory", "r8", "r9", "r10", "r11");
  return result < 0 ? static_cast<int>(-result) : 0;
}

int open_by_x32_number(const Targets&) { return outcome(::syscall(0x40000000 | SYS_open, "/etc/passwd", O_RDONLY)); }
#endif

}  // namespace

int outcome(long result) { return result < 0 ? errno : 0; }

std::vector<Attempt> kernel_attempts() {
  std::vector<Attempt> all = {
      {"mount", mount_tmpfs, Outside::depends, Attempt::Place::nowhere, 1},
      {"mount(2) itself", mount_directly, Outside::depends, Attempt::Place::nowhere, 1},
      {"user namespace", [](const Targets&) { return outcome(::unshare(CLONE_NEWUSER)); }, Outside::depends},
      {"network namespace", [](const Targets&) { return outcome(::unshare(CLONE_NEWNET)); }, Outside::depends},
      {"chroot", [](const Targets&) { return outcome(::chroot("/")); }, Outside::depends},
      {"set its uid", [](const Targets&) { return outcome(::setuid(::getuid())); }},
      {"set its gid", [](const Targets&) { return outcome(::setgid(::getgid())); }},
      {"set its groups", [](const Targets&) { return outcome(::syscall(SYS_setgroups, 0, nullptr)); },
       Outside::depends},
      {"become dumpable", [](const Targets&) { return outcome(::prctl(PR_SET_DUMPABLE, 1)); }},
      {"outlive its parent", [](const Targets&) { return outcome(::prctl(PR_SET_PDEATHSIG, 0)); }, Outside::succeeds,
       Attempt::Place::first_process},
      {"change its personality", [](const Targets&) { return outcome(::personality(READ_IMPLIES_EXEC)); }},
      {"a filter of its own", own_filter, Outside::succeeds, Attempt::Place::first_process},
      {"bpf", load_bpf, Outside::depends},
      {"perf_event_open", perf_event, Outside::depends},
      {"io_uring", io_uring, Outside::depends},
      {"userfaultfd", [](const Targets&) { return outcome(::syscall(SYS_userfaultfd, 0)); }, Outside::depends},
      {"keyctl",
       [](const Targets&) {
         return outcome(::syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1));
       },
       Outside::depends},
      {"add_key",
       [](const Targets&) { return outcome(::syscall(SYS_add_key, "user", "x", "y", 1, KEY_SPEC_PROCESS_KEYRING)); },
       Outside::depends},
      {"type into a terminal", type_into_terminal, Outside::depends},
      {"terminal settings",
       [](const Targets& t) {
         std::array<char, 64> settings{};
         return outcome(::ioctl(t.terminal, TCGETS, settings.data()));
       }},
      {"the camera's controls", [](const Targets& t) { return camera_ioctl(t, VIDIOC_S_CTRL); }},
      {"the clock",
       [](const Targets&) {
         timex nothing{};
         return outcome(::adjtimex(&nothing));
       }},
      {"the kernel's log", [](const Targets&) { return outcome(::syscall(SYS_syslog, 10, nullptr, 0)); },
       Outside::depends},
      {"a signal handler", [](const Targets&) { return ::signal(SIGUSR1, SIG_IGN) == SIG_ERR ? errno : 0; },
       Outside::succeeds, Attempt::Place::first_process},
      {"a timer",
       [](const Targets&) {
         ::alarm(1000);
         return 0;
       }},
  };
#ifdef __x86_64__
  all.push_back({"open by the 32-bit entry", open_by_32_bit_entry, Outside::depends});
  all.push_back({"open by an x32 number", open_by_x32_number, Outside::depends});
#endif
  return all;
}

}  // namespace faceauth::vision
