// libav's objects, each let go of by the function that goes with it.
#pragma once

#include <memory>
#include <opencv2/core.hpp>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libswscale/swscale.h>
}

namespace faceauth::vision::libav {

template <class T, auto free>
struct Freed {
  void operator()(T* p) const { free(&p); }
};
struct ScalerFreed {
  void operator()(SwsContext* s) const { ::sws_freeContext(s); }
};

using Codec = std::unique_ptr<AVCodecContext, Freed<AVCodecContext, avcodec_free_context>>;
using Packet = std::unique_ptr<AVPacket, Freed<AVPacket, av_packet_free>>;
using Frame = std::unique_ptr<AVFrame, Freed<AVFrame, av_frame_free>>;
using Scaler = std::unique_ptr<SwsContext, ScalerFreed>;

// The decoded picture as it stands, or nothing. `scaler` is made when it is null and kept for pictures alike.
[[nodiscard]] cv::Mat to_bgr(const AVFrame& frame, Scaler& scaler);

}  // namespace faceauth::vision::libav
