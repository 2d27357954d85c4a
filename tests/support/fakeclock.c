// A clock for tests, as an LD_PRELOAD library: the file named by FAKECLOCK holds how many seconds Unix time was set
// forward by, and for how many the machine slept.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec* time) {
  if (syscall(SYS_clock_gettime, clock, time) != 0) return -1;
  const char* path = getenv("FAKECLOCK");
  if (path == NULL || (clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME)) return 0;
  const int before = errno;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  char text[64] = "";
  if (file >= 0) {
    if (read(file, text, sizeof text - 1) < 0) text[0] = '\0';
    close(file);
  }
  errno = before;
  long set = 0, slept = 0;
  if (sscanf(text, "%ld %ld", &set, &slept) == 2) time->tv_sec += slept + (clock == CLOCK_REALTIME ? set : 0);
  return 0;
}
