// A failing disk and memory for tests, as an LD_PRELOAD library: the calls that the file named by FAKEFAULTS names fail
// while it does. "write" stands for all calls that write to a regular file, and "sync" for all that bring it to the
// disk.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int fails(const char* call) {
  const char* path = getenv("FAKEFAULTS");
  if (path == NULL) return 0;
  const int before = errno;
  char text[64] = "";
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    if (read(file, text, sizeof text - 1) < 0) text[0] = '\0';
    close(file);
  }
  errno = before;
  return strstr(text, call) != NULL;
}

// Not the log, which is a file in tests.
static int fails_to_write(int file) {
  struct stat status;
  return file > STDERR_FILENO && fails("write") && fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

static int broken_disk(void) {
  errno = EIO;
  return -1;
}

int fsync(int file) { return fails("sync") ? broken_disk() : (int)syscall(SYS_fsync, file); }
int fdatasync(int file) { return fails("sync") ? broken_disk() : (int)syscall(SYS_fdatasync, file); }
int msync(void* at, size_t size, int flags) {
  return fails("sync") ? broken_disk() : (int)syscall(SYS_msync, at, size, flags);
}
ssize_t write(int file, const void* data, size_t size) {
  return fails_to_write(file) ? broken_disk() : syscall(SYS_write, file, data, size);
}
ssize_t pwrite(int file, const void* data, size_t size, off_t at) {
  return fails_to_write(file) ? broken_disk() : syscall(SYS_pwrite64, file, data, size, at);
}
ssize_t writev(int file, const struct iovec* parts, int count) {
  return fails_to_write(file) ? broken_disk() : syscall(SYS_writev, file, parts, count);
}

// glibc's own; a sanitizer's comes before ours.
void* __libc_malloc(size_t size);
void* malloc(size_t size) {
  if (!fails("memory")) return __libc_malloc(size);
  errno = ENOMEM;
  return NULL;
}
