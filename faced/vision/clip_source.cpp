// A video file through libavformat, which is given bytes and a short list of formats and nothing else: no file names,
// no network, no threads.
#include <faced/vision/exif.h>
#include <faced/vision/libav.h>
#include <faced/vision/regular_file.h>
#include <faced/vision/source.h>

#include <faceauth/limits.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

extern "C" {
#include <libavformat/avformat.h>
#include <libavutil/display.h>
}

namespace faceauth::vision {
namespace {

constexpr const char* kContainers = "mov,mp4,matroska,webm,avi,mpeg,mpegts";
constexpr const char* kCodecs = "h264,hevc,vp8,vp9,mpeg1video,mpeg2video,mpeg4,mjpeg,libdav1d";
constexpr int kReadBytes = 64 << 10;
constexpr int kProbeBytes = 4 << 20;
constexpr std::int64_t kAnalyseUs = 2'000'000;
constexpr std::chrono::seconds kOpenWithin{3};
constexpr int kPacketsMax = 2000;  // packets in a row that decode to nothing

struct IoFreed {
  void operator()(AVIOContext* io) const {
    ::av_freep(&io->buffer);
    ::avio_context_free(&io);
  }
};
using libav::Codec, libav::Frame, libav::Packet, libav::Scaler;
using Format = std::unique_ptr<AVFormatContext, libav::Freed<AVFormatContext, avformat_close_input>>;
using Io = std::unique_ptr<AVIOContext, IoFreed>;

tl::unexpected<Error> unusable(std::string reason) {
  return fail(Errc::camera_unavailable, "the replay clip " + std::move(reason));
}

class ClipSource final : public FrameSource {
 public:
  ClipSource(Fd file, std::int64_t size, std::stop_token cancel)
      : file_(std::move(file)), size_(size), cancel_(std::move(cancel)) {}

  Result<void> open();
  Result<CapturedFrame> next(Steady deadline) override;

 private:
  static int read(void* self, std::uint8_t* out, int size);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);
  static int interrupted(void* self);

  bool open_container();
  bool open_decoder(int stream);
  bool decode_next();
  bool rewind();
  [[nodiscard]] cv::Mat picture();

  Fd file_;
  std::int64_t size_, at_ = 0;
  std::stop_token cancel_;
  Steady give_up_{};
  // In the order of construction; libavformat lets go of the I/O before that is freed.
  Io io_;
  Format format_;
  Codec codec_;
  Scaler scaler_;
  Packet packet_{::av_packet_alloc()};
  Frame frame_{::av_frame_alloc()};
  int stream_ = -1;
  int orientation_ = 1;
  bool draining_ = false;
};

int ClipSource::read(void* self, std::uint8_t* out, int size) {
  auto& clip = *static_cast<ClipSource*>(self);
  ssize_t n = 0;
  do n = ::pread(clip.file_.get(), out, static_cast<std::size_t>(std::max(0, size)), clip.at_);
  while (n < 0 && errno == EINTR);
  if (n <= 0) return n == 0 ? AVERROR_EOF : AVERROR(EIO);
  clip.at_ += n;
  return static_cast<int>(n);
}

std::int64_t ClipSource::seek(void* self, std::int64_t offset, int whence) {
  auto& clip = *static_cast<ClipSource*>(self);
  if (whence == AVSEEK_SIZE) return clip.size_;
  const std::int64_t base = whence == SEEK_CUR ? clip.at_ : whence == SEEK_END ? clip.size_ : 0;
  if (offset < -base || offset > clip.size_ - base) return AVERROR(EINVAL);
  return clip.at_ = base + offset;
}

int ClipSource::interrupted(void* self) {
  const auto& clip = *static_cast<ClipSource*>(self);
  return clip.cancel_.stop_requested() || std::chrono::steady_clock::now() > clip.give_up_ ? 1 : 0;
}

bool ClipSource::open_container() {
  auto* buffer = static_cast<unsigned char*>(::av_malloc(kReadBytes));
  if (buffer == nullptr) return false;
  io_.reset(::avio_alloc_context(buffer, kReadBytes, 0, this, &ClipSource::read, nullptr, &ClipSource::seek));
  AVFormatContext* format = ::avformat_alloc_context();
  if (!io_ || format == nullptr) return false;
  format->pb = io_.get();
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  format->interrupt_callback = {&ClipSource::interrupted, this};
  format->probesize = kProbeBytes;
  format->max_analyze_duration = kAnalyseUs;
  format->max_streams = 16;
  format->format_whitelist = ::av_strdup(kContainers);
  format->codec_whitelist = ::av_strdup(kCodecs);
  format->protocol_whitelist = ::av_strdup("none");
  if (::avformat_open_input(&format, nullptr, nullptr, nullptr) != 0) return false;  // frees `format` itself
  format_.reset(format);
  return ::avformat_find_stream_info(format, nullptr) >= 0;
}

// EXIF's number for a track that players turn; phones write these.
int orientation_of(const AVStream* stream) {
  const std::uint8_t* matrix = ::av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
  if (matrix == nullptr) return 1;
  const double turned = -::av_display_rotation_get(reinterpret_cast<const std::int32_t*>(matrix));
  switch (std::isfinite(turned) ? (std::lround(turned / 90) % 4 + 4) % 4 : 0) {
    case 1:
      return 6;
    case 2:
      return 3;
    case 3:
      return 8;
    default:
      return 1;
  }
}

bool ClipSource::open_decoder(int stream) {
  const AVStream* chosen = format_->streams[stream];
  const AVCodec* decoder = ::avcodec_find_decoder(chosen->codecpar->codec_id);
  if (decoder == nullptr) return false;
  codec_.reset(::avcodec_alloc_context3(decoder));
  if (!codec_ || ::avcodec_parameters_to_context(codec_.get(), chosen->codecpar) < 0) return false;
  codec_->thread_count = 1;
  codec_->max_pixels = std::int64_t{limits::kFrameSideMax} * limits::kFrameSideMax;
  codec_->codec_whitelist = ::av_strdup(kCodecs);
  if (::avcodec_open2(codec_.get(), decoder, nullptr) != 0) return false;
  stream_ = stream;
  orientation_ = orientation_of(chosen);
  return true;
}

Result<void> ClipSource::open() {
  ::av_log_set_level(AV_LOG_QUIET);
  give_up_ = std::chrono::steady_clock::now() + kOpenWithin;
  if (!packet_ || !frame_ || !open_container()) return unusable("is not a video that can be read");
  const int stream = ::av_find_best_stream(format_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  if (stream < 0) return unusable("shows no picture");
  if (!open_decoder(stream)) return unusable("is encoded in a way that is not supported");
  return {};
}

// One picture into frame_; false at the end of the clip or of our patience.
bool ClipSource::decode_next() {
  for (int packets = 0; packets < kPacketsMax;) {
    const int got = ::avcodec_receive_frame(codec_.get(), frame_.get());
    if (got == 0) return true;
    if (got != AVERROR(EAGAIN) || draining_ || interrupted(this) != 0) return false;
    if (::av_read_frame(format_.get(), packet_.get()) < 0) {
      draining_ = true;
      (void)::avcodec_send_packet(codec_.get(), nullptr);
      continue;
    }
    ++packets;
    // A damaged packet is skipped; the clip is given up only when nothing more comes.
    if (packet_->stream_index == stream_) (void)::avcodec_send_packet(codec_.get(), packet_.get());
    ::av_packet_unref(packet_.get());
  }
  return false;
}

bool ClipSource::rewind() {
  draining_ = false;
  ::avcodec_flush_buffers(codec_.get());
  if (::av_seek_frame(format_.get(), stream_, 0, AVSEEK_FLAG_BACKWARD) >= 0) return true;
  return ::avformat_seek_file(format_.get(), -1, INT64_MIN, 0, INT64_MAX, AVSEEK_FLAG_BYTE) >= 0;
}

cv::Mat ClipSource::picture() {
  const int width = frame_->width, height = frame_->height;
  const int side = static_cast<int>(limits::kFrameSideMax);
  if (width < 16 || height < 16 || width > side || height > side) return {};
  const cv::Mat bgr = libav::to_bgr(*frame_, scaler_);
  return bgr.empty() ? bgr : upright(bgr, orientation_);
}

Result<CapturedFrame> ClipSource::next(Steady /*deadline*/) {
  give_up_ = std::chrono::steady_clock::now() + kOpenWithin;
  if (!decode_next() && (interrupted(this) != 0 || !rewind() || !decode_next()))
    return unusable("has no picture that can be decoded");
  cv::Mat bgr = picture();
  ::av_frame_unref(frame_.get());
  if (bgr.empty()) return unusable("has pictures of an unsupported size or layout");
  return CapturedFrame{std::move(bgr), monotonic_ns()};
}

}  // namespace

OpenedSource open_clip(Fd file, const std::stop_token& cancel) {
  const std::optional<std::uint64_t> size = regular_file_size(file.get());
  if (!size) return unusable("is not a regular file");
  auto source = std::make_unique<ClipSource>(std::move(file), static_cast<std::int64_t>(*size), cancel);
  if (Result<void> opened = source->open(); !opened) return fail(std::move(opened));
  return source;
}

}  // namespace faceauth::vision
