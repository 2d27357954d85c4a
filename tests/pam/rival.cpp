// poll() for terminal_host, in place of libc's and with it the module's. With `how` "rival" another program has the
// same terminal, as the pager in `sudo x | less` has: it always takes what there is before whoever was told of it.
#include "rival.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

bool rival_reads = false;

extern "C" __attribute__((visibility("default"))) int poll(pollfd* fds, nfds_t count, int timeout_ms) {
  const timespec timeout{timeout_ms / 1000, (timeout_ms % 1000) * 1'000'000L};
  const int ready = ::ppoll(fds, count, timeout_ms < 0 ? nullptr : &timeout, nullptr);
  for (nfds_t i = 0; rival_reads && ready > 0 && i < count; ++i) {
    if (fds[i].fd != STDIN_FILENO || (fds[i].revents & POLLIN) == 0) continue;
    int waiting = 0;
    char taken = 0;
    ::ioctl(STDIN_FILENO, FIONREAD, &waiting);
    while (waiting-- > 0 && ::read(STDIN_FILENO, &taken, 1) == 1) {
    }
  }
  return ready;
}
