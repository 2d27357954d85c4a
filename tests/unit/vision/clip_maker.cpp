#include "clip_maker.h"

#include <opencv2/imgproc.hpp>
#include <stdexcept>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

namespace faceauth::vision {
namespace {

void must(bool held, const char* what) {
  if (!held) throw std::runtime_error(std::string("making a clip: ") + what);
}

struct Encoder {
  AVFormatContext* format = nullptr;
  AVCodecContext* codec = nullptr;
  AVStream* stream = nullptr;
  AVPacket* packet = ::av_packet_alloc();
  AVFrame* frame = ::av_frame_alloc();

  ~Encoder() {
    ::av_frame_free(&frame);
    ::av_packet_free(&packet);
    ::avcodec_free_context(&codec);
    ::avformat_free_context(format);
  }

  void open(const cv::Size& size, const std::string& container, const std::string& name) {
    must(::avformat_alloc_output_context2(&format, nullptr, container.c_str(), nullptr) >= 0, "container");
    const AVCodec* encoder = ::avcodec_find_encoder_by_name(name.c_str());
    must(encoder != nullptr, "encoder");
    codec = ::avcodec_alloc_context3(encoder);
    stream = ::avformat_new_stream(format, nullptr);
    must(codec != nullptr && stream != nullptr, "memory");
    codec->width = size.width;
    codec->height = size.height;
    codec->pix_fmt = name == "mjpeg" ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    codec->time_base = {1, 25};
    codec->flags |= AV_CODEC_FLAG_QSCALE;
    codec->global_quality = FF_QP2LAMBDA * 2;
    if ((format->oformat->flags & AVFMT_GLOBALHEADER) != 0) codec->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    must(::avcodec_open2(codec, encoder, nullptr) == 0, "opening the encoder");
    must(::avcodec_parameters_from_context(stream->codecpar, codec) >= 0, "parameters");
    stream->time_base = codec->time_base;
    must(::avio_open_dyn_buf(&format->pb) >= 0, "buffer");
    must(::avformat_write_header(format, nullptr) >= 0, "header");
  }

  void send(const AVFrame* picture) {
    must(::avcodec_send_frame(codec, picture) == 0, "encoding");
    while (::avcodec_receive_packet(codec, packet) == 0) {
      packet->duration = 1;  // or players take the last frame for one that lasts no time
      ::av_packet_rescale_ts(packet, codec->time_base, stream->time_base);
      packet->stream_index = stream->index;
      must(::av_interleaved_write_frame(format, packet) >= 0, "writing");
    }
  }

  void show(const cv::Mat& bgr, int number) {
    cv::Mat planar;  // I420: all of Y, then U, then V, without padding
    cv::cvtColor(bgr, planar, cv::COLOR_BGR2YUV_I420);
    frame->format = codec->pix_fmt;
    frame->width = bgr.cols;
    frame->height = bgr.rows;
    frame->pts = number;
    const std::ptrdiff_t luma = std::ptrdiff_t{bgr.cols} * bgr.rows;
    frame->data[0] = planar.data;
    frame->data[1] = planar.data + luma;
    frame->data[2] = planar.data + luma + luma / 4;
    frame->linesize[0] = bgr.cols;
    frame->linesize[1] = frame->linesize[2] = bgr.cols / 2;
    send(frame);
  }
};

}  // namespace

Blob make_clip(const std::vector<cv::Mat>& frames, const std::string& container, const std::string& encoder_name) {
  ::av_log_set_level(AV_LOG_QUIET);
  Encoder encoder;
  encoder.open(frames.at(0).size(), container, encoder_name);
  int number = 0;
  for (const cv::Mat& frame : frames) encoder.show(frame, number++);
  encoder.send(nullptr);
  must(::av_write_trailer(encoder.format) == 0, "trailer");
  std::uint8_t* bytes = nullptr;
  const int size = ::avio_close_dyn_buf(encoder.format->pb, &bytes);
  Blob clip(bytes, bytes + size);
  ::av_free(bytes);
  return clip;
}

std::vector<std::pair<std::string, std::string>> clip_kinds() {
  std::vector<std::pair<std::string, std::string>> kinds = {
      {"mpeg4", "mp4"},         {"mjpeg", "matroska"},      {"mpeg1video", "mpeg"},
      {"mpeg2video", "mpegts"}, {"libx264", "mp4"},         {"libx265", "mp4"},
      {"libvpx", "webm"},       {"libvpx-vp9", "matroska"}, {"libsvtav1", "mp4"}};
  std::erase_if(kinds, [](const auto& kind) { return ::avcodec_find_encoder_by_name(kind.first.c_str()) == nullptr; });
  return kinds;
}

}  // namespace faceauth::vision
