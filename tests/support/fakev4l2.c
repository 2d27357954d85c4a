// A V4L2 camera for tests, as an LD_PRELOAD library. Only open() of the named path and ioctl() are replaced: the
// device is a memfd that carries its settings and all its frames, so mmap, poll and close are the real ones, and the
// descriptor works in another process too (passed over a socket), as long as the library is loaded there as well.
//
// Read from the environment when the device is opened:
//   FAKEV4L2_DEV           the path to answer for, such as /dev/video42
//   FAKEV4L2_FRAMES        printf pattern of frame files, numbered from 1 (or 0) up to the first gap, looped
//   FAKEV4L2_FORMAT        pixel format: MJPG (default), YUYV, NV12, GREY, "Y10 ", "Y12 ", "Y16 "; frame files hold
//   that FAKEV4L2_ALSO          a second format that is offered, and never given FAKEV4L2_SIZE          640x480
//   (default) FAKEV4L2_FPS           15 (default) FAKEV4L2_EBUSY         if set, open() fails with EBUSY
//   FAKEV4L2_STREAM_EBUSY  if set, open() succeeds and asking for buffers fails with EBUSY, as uvcvideo does
//   FAKEV4L2_UNPLUG_AFTER  every ioctl() after that many frames fails with ENODEV
//   FAKEV4L2_HANGS         open() does not return while this file exists
// fakev4l2_opened() tells how often the process has tried to open a /dev/video*.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { kBuffers = 4, kBufferSize = 1 << 20, kFramesMax = 64, kSettingsAt = kBuffers * kBufferSize };

// At kSettingsAt in the memfd; the frames follow it.
struct settings {
  char magic[16];
  unsigned format, also, width, height, fps;
  int unplug_after;  // -1: never
  int stream_busy;
  unsigned frames;
  unsigned size[kFramesMax];
  off_t at[kFramesMax];
};
static const char kMagic[16] = "fakev4l2 device";

// What this process does with the device. One device at a time: another one starts afresh.
static struct {
  ino_t inode;
  unsigned queue[kBuffers], queued;
  int streaming;
  unsigned shown;
  double due;
} state;

static int fail(int error) {
  errno = error;
  return -1;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static const char* text_setting(const char* name, const char* otherwise) {
  const char* value = getenv(name);
  return value ? value : otherwise;
}

// ---- opening ------------------------------------------------------------------------------------------------------

static int open_real(const char* path, int flags, mode_t mode) { return openat(AT_FDCWD, path, flags, mode); }

static void load_frames(int fd, struct settings* s) {
  const char* pattern = text_setting("FAKEV4L2_FRAMES", "");
  char* frame = malloc(kBufferSize);
  off_t at = kSettingsAt + (off_t)sizeof *s;
  for (unsigned number = 0; frame && s->frames < kFramesMax; ++number) {
    char path[4096];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(path, sizeof path, pattern, number);
#pragma GCC diagnostic pop
    const int file = open_real(path, O_RDONLY | O_CLOEXEC, 0);
    if (file < 0 && number > 0) break;
    if (file < 0) continue;
    const ssize_t size = read(file, frame, kBufferSize);
    close(file);
    if (size < 0 || pwrite(fd, frame, (size_t)size, at) != size) break;
    s->size[s->frames] = (unsigned)size;
    s->at[s->frames++] = at;
    at += size;
  }
  free(frame);
}

static unsigned fourcc(const char* text) {
  unsigned code = 0;
  for (unsigned i = 0; i < 4 && text[i]; ++i) code |= (unsigned)(unsigned char)text[i] << (8 * i);
  return code;
}

static int open_fake(int flags) {
  if (getenv("FAKEV4L2_EBUSY")) return fail(EBUSY);
  const int fd = memfd_create("fakev4l2", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
  if (fd < 0 || ftruncate(fd, kSettingsAt) != 0) return fd;
  struct settings s;
  memset(&s, 0, sizeof s);
  memcpy(s.magic, kMagic, sizeof kMagic);
  s.format = fourcc(text_setting("FAKEV4L2_FORMAT", "MJPG"));
  s.also = fourcc(text_setting("FAKEV4L2_ALSO", ""));
  if (sscanf(text_setting("FAKEV4L2_SIZE", "640x480"), "%ux%u", &s.width, &s.height) != 2) return fail(EINVAL);
  s.fps = (unsigned)atoi(text_setting("FAKEV4L2_FPS", "15"));
  s.unplug_after = atoi(text_setting("FAKEV4L2_UNPLUG_AFTER", "-1"));
  s.stream_busy = getenv("FAKEV4L2_STREAM_EBUSY") != NULL;
  load_frames(fd, &s);
  if (pwrite(fd, &s, sizeof s, kSettingsAt) != (ssize_t)sizeof s) return fail(EIO);
  return fd;
}

static int is_ours(const char* path) {
  const char* device = getenv("FAKEV4L2_DEV");
  return path && device && strcmp(path, device) == 0;
}

static int video_devices_opened;
__attribute__((visibility("default"))) int fakev4l2_opened(void) { return video_devices_opened; }

// As a driver does whose device no longer answers.
static void hang(void) {
  const struct timespec pause = {0, 20000000};
  const char* file = getenv("FAKEV4L2_HANGS");
  while (file && access(file, F_OK) == 0) nanosleep(&pause, NULL);
}

static int open_any(const char* path, int flags, mode_t mode) {
  if (path && strncmp(path, "/dev/video", 10) == 0) ++video_devices_opened;
  if (is_ours(path)) hang();
  return is_ours(path) ? open_fake(flags) : open_real(path, flags, mode);
}

#define TAKE_MODE(mode, flags)             \
  mode_t mode = 0;                         \
  if ((flags) & (O_CREAT | O_TMPFILE)) {   \
    va_list list;                          \
    va_start(list, flags);                 \
    mode = (mode_t)va_arg(list, unsigned); \
    va_end(list);                          \
  }

#define EXPORT __attribute__((visibility("default")))

EXPORT int open(const char* path, int flags, ...) {
  TAKE_MODE(mode, flags)
  return open_any(path, flags, mode);
}
EXPORT int open64(const char* path, int flags, ...) {
  TAKE_MODE(mode, flags)
  return open_any(path, flags, mode);
}
// What open() compiles to under _FORTIFY_SOURCE.
int __open_2(const char* path, int flags);
int __open64_2(const char* path, int flags);
EXPORT int __open_2(const char* path, int flags) { return open_any(path, flags, 0); }
EXPORT int __open64_2(const char* path, int flags) { return open_any(path, flags, 0); }

// ---- the device ---------------------------------------------------------------------------------------------------

static int settings_of(int fd, struct settings* s) {
  struct stat st;
  // Not fstat(): glibc makes a newfstatat() of it, which the eye's workers may not call.
  if (fd < 0 || syscall(SYS_fstat, fd, &st) != 0 || !S_ISREG(st.st_mode)) return 0;
  if (pread(fd, s, sizeof *s, kSettingsAt) != (ssize_t)sizeof *s) return 0;
  if (memcmp(s->magic, kMagic, sizeof kMagic) != 0) return 0;
  if (state.inode != st.st_ino) {
    memset(&state, 0, sizeof state);
    state.inode = st.st_ino;
  }
  return 1;
}

static int query_capabilities(struct v4l2_capability* c) {
  memset(c, 0, sizeof *c);
  strcpy((char*)c->driver, "fakev4l2");
  strcpy((char*)c->card, "Fake camera");
  strcpy((char*)c->bus_info, "platform:fake");
  c->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  c->capabilities = c->device_caps | V4L2_CAP_DEVICE_CAPS;
  return 0;
}

static int describe_format(const struct settings* s, struct v4l2_fmtdesc* d) {
  if (d->index > (s->also ? 1 : 0) || d->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fail(EINVAL);
  d->pixelformat = d->index == 0 ? s->format : s->also;
  d->flags = d->pixelformat == V4L2_PIX_FMT_MJPEG ? V4L2_FMT_FLAG_COMPRESSED : 0;
  return 0;
}

static int give_format(const struct settings* s, struct v4l2_format* f) {
  if (f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) return fail(EINVAL);
  memset(&f->fmt, 0, sizeof f->fmt);
  f->fmt.pix.width = s->width;
  f->fmt.pix.height = s->height;
  f->fmt.pix.pixelformat = s->format;
  f->fmt.pix.field = V4L2_FIELD_NONE;
  f->fmt.pix.sizeimage = kBufferSize;
  if (s->format == V4L2_PIX_FMT_YUYV || s->format == V4L2_PIX_FMT_Y16 || s->format == V4L2_PIX_FMT_Y10 ||
      s->format == V4L2_PIX_FMT_Y12)
    f->fmt.pix.bytesperline = s->width * 2;
  if (s->format == V4L2_PIX_FMT_NV12 || s->format == V4L2_PIX_FMT_GREY) f->fmt.pix.bytesperline = s->width;
  return 0;
}

static int request_buffers(const struct settings* s, struct v4l2_requestbuffers* r) {
  if (s->stream_busy) return fail(EBUSY);
  if (r->memory != V4L2_MEMORY_MMAP) return fail(EINVAL);
  if (r->count > kBuffers) r->count = kBuffers;
  state.queued = 0;
  return 0;
}

static void describe_buffer(struct v4l2_buffer* b, unsigned index) {
  b->index = index;
  b->length = kBufferSize;
  b->m.offset = index * kBufferSize;
  b->memory = V4L2_MEMORY_MMAP;
  b->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
}

static int query_buffer(struct v4l2_buffer* b) {
  if (b->index >= kBuffers) return fail(EINVAL);
  describe_buffer(b, b->index);
  return 0;
}

static int queue_buffer(const struct v4l2_buffer* b) {
  if (b->index >= kBuffers || state.queued >= kBuffers) return fail(EINVAL);
  state.queue[state.queued++] = b->index;
  return 0;
}

static int fill_buffer(int fd, const struct settings* s, struct v4l2_buffer* b) {
  if (!state.streaming) return fail(EINVAL);
  if (state.queued == 0) return fail(EAGAIN);
  if (s->frames == 0) return fail(EIO);
  const double wait = state.due - now();
  if (wait > 0) usleep((useconds_t)(wait * 1e6));
  state.due = now() + 1.0 / (s->fps > 0 ? s->fps : 1);

  const unsigned frame = state.shown % s->frames, index = state.queue[0];
  // Not by pwrite(): the reader may have given up writing files (RLIMIT_FSIZE), which a driver does not care about.
  char* pixels = mmap(NULL, kBufferSize, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)index * kBufferSize);
  if (pixels == MAP_FAILED) return fail(EIO);
  const ssize_t size = pread(fd, pixels, s->size[frame], s->at[frame]);
  munmap(pixels, kBufferSize);
  if (size != (ssize_t)s->size[frame]) return fail(EIO);
  memmove(state.queue, state.queue + 1, sizeof(unsigned) * --state.queued);

  describe_buffer(b, index);
  b->bytesused = s->size[frame];
  b->sequence = state.shown++;
  b->field = V4L2_FIELD_NONE;
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  b->timestamp.tv_sec = t.tv_sec;
  b->timestamp.tv_usec = t.tv_nsec / 1000;
  return 0;
}

static int set_streaming(int on) {
  state.streaming = on;
  state.due = now();
  if (!on) state.queued = 0;
  return 0;
}

EXPORT int ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void* argument = va_arg(list, void*);
  va_end(list);
  struct settings s;
  if (_IOC_TYPE(request) != 'V' || !settings_of(fd, &s)) {
    int (*real)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
    return real(fd, request, argument);
  }
  if (s.unplug_after >= 0 && state.shown >= (unsigned)s.unplug_after) return fail(ENODEV);
  switch (request) {
    case VIDIOC_QUERYCAP:
      return query_capabilities(argument);
    case VIDIOC_ENUM_FMT:
      return describe_format(&s, argument);
    case VIDIOC_G_FMT:
    case VIDIOC_S_FMT:
    case VIDIOC_TRY_FMT:
      return give_format(&s, argument);
    case VIDIOC_REQBUFS:
      return request_buffers(&s, argument);
    case VIDIOC_QUERYBUF:
      return query_buffer(argument);
    case VIDIOC_QBUF:
      return queue_buffer(argument);
    case VIDIOC_DQBUF:
      return fill_buffer(fd, &s, argument);
    case VIDIOC_STREAMON:
      return set_streaming(1);
    case VIDIOC_STREAMOFF:
      return set_streaming(0);
    default:
      return fail(ENOTTY);
  }
}
