#include <faced/vision/libav.h>

namespace faceauth::vision::libav {

cv::Mat to_bgr(const AVFrame& frame, Scaler& scaler) {
  constexpr int kRowPadding = 64;  // pixels
  const int width = frame.width, height = frame.height;
  const auto layout = static_cast<AVPixelFormat>(frame.format);
  scaler.reset(::sws_getCachedContext(scaler.release(), width, height, layout, width, height, AV_PIX_FMT_BGR24,
                                      SWS_BILINEAR, nullptr, nullptr, nullptr));
  if (!scaler) return {};
  // libswscale writes whole vectors: past the end of a tight row, the last one included, and leaves pixels out of
  // rows where it notices in time.
  const int padded_width = (width + kRowPadding - 1) / kRowPadding * kRowPadding + kRowPadding;
  cv::Mat padded(height + 1, padded_width, CV_8UC3);
  std::uint8_t* planes[4] = {padded.data, nullptr, nullptr, nullptr};
  const int strides[4] = {static_cast<int>(padded.step[0]), 0, 0, 0};
  if (::sws_scale(scaler.get(), frame.data, frame.linesize, 0, height, planes, strides) != height) return {};
  return padded(cv::Rect(0, 0, width, height)).clone();
}

}  // namespace faceauth::vision::libav
