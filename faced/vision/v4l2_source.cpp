// A V4L2 camera: single-planar capture into memory that the driver shares with us.
#include <faced/vision/pixel_format.h>
#include <faced/vision/source.h>

#include <faceauth/limits.h>

#include <fmt/format.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>

namespace faceauth::vision {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t kWidth = 640, kHeight = 480;
constexpr std::uint32_t kBuffers = 4;
constexpr std::uint32_t kFormatsMax = 64;
constexpr milliseconds kEmptyPause{2};  // a driver that says "ready" and then has nothing must not spin us

int control(int fd, unsigned long request, void* argument) {
  int result = 0;
  do result = ::ioctl(fd, request, argument);
  while (result != 0 && errno == EINTR);
  return result;
}

tl::unexpected<Error> unavailable(std::string_view step) {
  if (errno == EBUSY) return fail(Errc::camera_busy, fmt::format("{}: another program uses the camera", step));
  return fail(Errc::camera_unavailable, fmt::format("{}: {}", step, std::strerror(errno)));
}

// Memory shared with the driver. Unmapped before the descriptor is closed.
class Mapping {
 public:
  Mapping(void* at, std::size_t size) : at_(static_cast<std::uint8_t*>(at)), size_(size) {}
  Mapping(Mapping&& other) noexcept : at_(std::exchange(other.at_, nullptr)), size_(other.size_) {}
  Mapping& operator=(Mapping&&) = delete;
  Mapping(const Mapping&) = delete;
  ~Mapping() {
    if (at_ != nullptr) ::munmap(at_, size_);
  }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {at_, size_}; }

 private:
  std::uint8_t* at_;
  std::size_t size_;
};

class V4l2Source final : public FrameSource {
 public:
  explicit V4l2Source(Fd device) : device_(std::move(device)) {}
  ~V4l2Source() override {
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (streaming_) (void)control(device_.get(), VIDIOC_STREAMOFF, &type);
  }

  Result<void> start();
  Result<CapturedFrame> next(Steady deadline) override;

 private:
  Result<void> check_capabilities();
  Result<void> choose_format();
  Result<void> map_buffers();
  Result<std::optional<CapturedFrame>> take_frame();

  Fd device_;
  RawFormat format_;
  std::optional<PixelConverter> converter_;
  std::vector<Mapping> buffers_;
  bool streaming_ = false;
};

Result<void> V4l2Source::check_capabilities() {
  v4l2_capability caps{};
  if (control(device_.get(), VIDIOC_QUERYCAP, &caps) != 0) return unavailable("this is not a camera");
  const __u32 can = (caps.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? caps.device_caps : caps.capabilities;
  if ((can & V4L2_CAP_VIDEO_CAPTURE) == 0 || (can & V4L2_CAP_STREAMING) == 0)
    return fail(Errc::camera_unavailable, "the device does not stream video; is it the camera's metadata node?");
  return {};
}

Result<void> V4l2Source::choose_format() {
  std::uint32_t best = 0;
  for (std::uint32_t i = 0; i < kFormatsMax; ++i) {
    v4l2_fmtdesc offered{};
    offered.index = i;
    offered.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (control(device_.get(), VIDIOC_ENUM_FMT, &offered) != 0) break;
    if (format_rank(offered.pixelformat) > format_rank(best)) best = offered.pixelformat;
  }
  if (best == 0)
    return fail(Errc::camera_unavailable, "the camera offers none of MJPEG, YUYV, NV12, GREY, Y10, Y12, Y14 and Y16");

  v4l2_format wanted{};
  wanted.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  wanted.fmt.pix.width = kWidth;
  wanted.fmt.pix.height = kHeight;
  wanted.fmt.pix.pixelformat = best;
  wanted.fmt.pix.field = V4L2_FIELD_ANY;
  if (control(device_.get(), VIDIOC_S_FMT, &wanted) != 0) return unavailable("setting the picture format");
  const v4l2_pix_format& got = wanted.fmt.pix;
  format_ = {got.pixelformat, got.width, got.height, got.bytesperline};
  if (frame_bytes_min(format_) == 0)
    return fail(Errc::camera_unavailable, fmt::format("the camera insists on an unusable format ({}x{}, {:#x})",
                                                      got.width, got.height, got.pixelformat));
  converter_.emplace(format_);
  return {};
}

Result<void> V4l2Source::map_buffers() {
  v4l2_requestbuffers request{};
  request.count = kBuffers;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  if (control(device_.get(), VIDIOC_REQBUFS, &request) != 0) return unavailable("asking for frame buffers");
  for (std::uint32_t i = 0; i < std::min(request.count, kBuffers); ++i) {
    v4l2_buffer buffer{};
    buffer.index = i;
    buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    buffer.memory = V4L2_MEMORY_MMAP;
    if (control(device_.get(), VIDIOC_QUERYBUF, &buffer) != 0) return unavailable("locating a frame buffer");
    if (buffer.length < frame_bytes_min(format_))
      return fail(Errc::camera_unavailable, "the driver's buffers are smaller than a frame of the format it gave");
    void* at = ::mmap(nullptr, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, device_.get(), buffer.m.offset);
    if (at == MAP_FAILED) return unavailable("mapping a frame buffer");
    buffers_.emplace_back(at, buffer.length);
    if (control(device_.get(), VIDIOC_QBUF, &buffer) != 0) return unavailable("queueing a frame buffer");
  }
  if (buffers_.empty()) return fail(Errc::camera_unavailable, "the camera's driver gives no frame buffers");
  return {};
}

Result<void> V4l2Source::start() {
  if (Result<void> able = check_capabilities(); !able) return able;
  if (Result<void> chosen = choose_format(); !chosen) return chosen;
  if (Result<void> mapped = map_buffers(); !mapped) return mapped;
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (control(device_.get(), VIDIOC_STREAMON, &type) != 0) return unavailable("starting the camera");
  streaming_ = true;
  return {};
}

// The driver's own time of a frame, if it counts on our clock and is not ahead of it.
std::uint64_t time_of(const v4l2_buffer& buffer) {
  const std::uint64_t now = monotonic_ns();
  if ((buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) != V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) return now;
  const auto stamp = static_cast<std::uint64_t>(buffer.timestamp.tv_sec) * 1'000'000'000 +
                     static_cast<std::uint64_t>(buffer.timestamp.tv_usec) * 1000;
  return std::min(stamp, now);
}

// A filled buffer's picture; nothing for a damaged one or when there is none.
Result<std::optional<CapturedFrame>> V4l2Source::take_frame() {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  if (control(device_.get(), VIDIOC_DQBUF, &buffer) != 0) {
    if (errno == EAGAIN) return std::nullopt;
    return unavailable("reading from the camera");
  }
  if (buffer.index >= buffers_.size()) return fail(Errc::camera_unavailable, "the driver names a buffer it never gave");
  const std::span<const std::uint8_t> memory = buffers_[buffer.index].bytes();
  std::optional<CapturedFrame> frame;
  if ((buffer.flags & V4L2_BUF_FLAG_ERROR) == 0 && buffer.bytesused <= memory.size()) {
    cv::Mat bgr = converter_->convert(memory.first(buffer.bytesused));
    if (!bgr.empty()) frame = CapturedFrame{std::move(bgr), time_of(buffer)};
  }
  if (control(device_.get(), VIDIOC_QBUF, &buffer) != 0) return unavailable("returning a frame buffer");
  return frame;
}

Result<CapturedFrame> V4l2Source::next(Steady deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return fail(Errc::timed_out, "the camera gave no frame in time");
    pollfd ready{device_.get(), POLLIN, 0};
    const int polled = ::poll(&ready, 1, static_cast<int>(std::min(left, milliseconds(1000)).count()));
    if (polled < 0 && errno != EINTR) return unavailable("waiting for the camera");
    if (polled <= 0) continue;
    Result<std::optional<CapturedFrame>> taken = take_frame();
    if (!taken) return fail(std::move(taken));
    if (*taken) return **std::move(taken);
    ::poll(nullptr, 0, static_cast<int>(kEmptyPause.count()));
  }
}

}  // namespace

OpenedSource open_v4l2(Fd device) {
  auto source = std::make_unique<V4l2Source>(std::move(device));
  if (Result<void> started = source->start(); !started) return fail(std::move(started));
  return source;
}

}  // namespace faceauth::vision
