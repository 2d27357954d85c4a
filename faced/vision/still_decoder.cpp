// Pictures that are no JPEG, through libavcodec, which replayed clips need anyway: OpenCV's decoders would bring a
// hundred libraries into the eye, GDAL and DICOM among them.
#include <faced/vision/exif.h>
#include <faced/vision/image_decoder.h>
#include <faced/vision/image_header.h>
#include <faced/vision/libav.h>

#include <algorithm>
#include <cstring>

namespace faceauth::vision {
namespace {

using File = std::span<const std::uint8_t>;

AVCodecID codec_of(PictureKind kind, File file) {
  switch (kind) {
    case PictureKind::png:
      return AV_CODEC_ID_PNG;
    case PictureKind::bmp:
      return AV_CODEC_ID_BMP;
    case PictureKind::webp:
      return AV_CODEC_ID_WEBP;
    case PictureKind::pnm:  // read_picture_header() has seen "P1" to "P6"
      return file[1] == '1' || file[1] == '4'   ? AV_CODEC_ID_PBM
             : file[1] == '2' || file[1] == '5' ? AV_CODEC_ID_PGM
                                                : AV_CODEC_ID_PPM;
    case PictureKind::jpeg:
      break;
  }
  return AV_CODEC_ID_NONE;
}

std::uint32_t big_endian(const std::uint8_t* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | std::uint32_t{at[3]};
}

// A PNG's chunks are its length, its name, its content and a checksum.
int png_orientation(File file) {
  constexpr std::size_t kSignature = 8, kHead = 8, kChecksum = 4;
  for (std::size_t at = kSignature; file.size() - at > kHead + kChecksum;) {
    const std::size_t length = big_endian(file.data() + at), left = file.size() - at - kHead - kChecksum;
    if (length > left) break;
    if (std::memcmp(file.data() + at + 4, "eXIf", 4) == 0) return tiff_orientation(file.subspan(at + kHead, length));
    at += kHead + length + kChecksum;
  }
  return 1;
}

libav::Codec opened(AVCodecID id, const PictureHeader& header) {
  constexpr std::int64_t kRowPadding = 64;  // pixels that libavcodec may add to a row

  const AVCodec* decoder = ::avcodec_find_decoder(id);
  libav::Codec codec(decoder == nullptr ? nullptr : ::avcodec_alloc_context3(decoder));
  if (!codec) return nullptr;
  codec->thread_count = 1;
  codec->max_pixels =
      (static_cast<std::int64_t>(header.width) + kRowPadding) * static_cast<std::int64_t>(header.height);
  // Half a face must not become a template.
  codec->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER | AV_EF_EXPLODE;
  if (::avcodec_open2(codec.get(), decoder, nullptr) != 0) return nullptr;
  return codec;
}

libav::Frame decoded(AVCodecContext& codec, File file) {
  libav::Packet packet(::av_packet_alloc());
  libav::Frame frame(::av_frame_alloc());
  if (!packet || !frame || ::av_new_packet(packet.get(), static_cast<int>(file.size())) != 0) return nullptr;
  std::copy(file.begin(), file.end(), packet->data);
  const bool taken =
      ::avcodec_send_packet(&codec, packet.get()) == 0 && ::avcodec_receive_frame(&codec, frame.get()) == 0;
  return taken && frame->decode_error_flags == 0 ? std::move(frame) : nullptr;
}

}  // namespace

Picture decode_still(File file, const PictureHeader& header) {
  ::av_log_set_level(AV_LOG_QUIET);
  const libav::Codec codec = opened(codec_of(header.kind, file), header);
  const libav::Frame frame = codec ? decoded(*codec, file) : nullptr;
  if (!frame) return tl::unexpected(FaceIssue::unreadable);
  if (static_cast<std::uint64_t>(frame->width) != header.width ||
      static_cast<std::uint64_t>(frame->height) != header.height)
    return tl::unexpected(FaceIssue::unreadable);
  libav::Scaler scaler;
  const cv::Mat bgr = libav::to_bgr(*frame, scaler);
  if (bgr.empty()) return tl::unexpected(FaceIssue::unreadable);
  return header.kind == PictureKind::png ? upright(bgr, png_orientation(file)) : bgr;
}

}  // namespace faceauth::vision
