#include <faced/vision/image_decoder.h>
#include <faced/vision/pixel_format.h>

#include <faceauth/limits.h>

#include <linux/videodev2.h>

#include <algorithm>
#include <bit>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

cv::Mat view(std::span<const std::uint8_t> raw, std::uint32_t rows, std::uint32_t columns, int type,
             std::uint32_t stride) {
  return {static_cast<int>(rows), static_cast<int>(columns), type, const_cast<std::uint8_t*>(raw.data()), stride};
}

// Of a sample that lies in the lower end of 16 bits. Y16 says nothing of the sensor: there it is what was seen.
int bits_of(std::uint32_t fourcc) {
  switch (fourcc) {
    case V4L2_PIX_FMT_Y10:
      return 10;
    case V4L2_PIX_FMT_Y12:
      return 12;
    case V4L2_PIX_FMT_Y14:
      return 14;
    default:
      return 8;
  }
}

}  // namespace

int format_rank(std::uint32_t fourcc) {
  switch (fourcc) {
    case V4L2_PIX_FMT_MJPEG:
      return 5;  // full frame rate over any bus
    case V4L2_PIX_FMT_YUYV:
      return 4;
    case V4L2_PIX_FMT_NV12:
      return 3;
    case V4L2_PIX_FMT_GREY:
      return 2;
    case V4L2_PIX_FMT_Y16:
    case V4L2_PIX_FMT_Y10:
    case V4L2_PIX_FMT_Y12:
    case V4L2_PIX_FMT_Y14:
      return 1;
    default:
      return 0;
  }
}

std::size_t frame_bytes_min(const RawFormat& f) {
  const bool sane = f.width >= 16 && f.height >= 16 && f.width <= limits::kFrameSideMax &&
                    f.height <= limits::kFrameSideMax && f.stride <= limits::kFrameSideMax * 4;
  if (!sane) return 0;
  const std::size_t plane = std::size_t{f.stride} * f.height;
  switch (f.fourcc) {
    case V4L2_PIX_FMT_MJPEG:
      return 1;
    case V4L2_PIX_FMT_YUYV:
      return f.width % 2 == 0 && f.stride >= f.width * 2 ? plane : 0;
    case V4L2_PIX_FMT_NV12:
      return f.width % 2 == 0 && f.height % 2 == 0 && f.stride >= f.width ? plane / 2 * 3 : 0;
    case V4L2_PIX_FMT_GREY:
      return f.stride >= f.width ? plane : 0;
    case V4L2_PIX_FMT_Y16:
    case V4L2_PIX_FMT_Y10:
    case V4L2_PIX_FMT_Y12:
    case V4L2_PIX_FMT_Y14:
      return f.stride % 2 == 0 && f.stride >= f.width * 2 ? plane : 0;
    default:
      return 0;
  }
}

PixelConverter::PixelConverter(const RawFormat& format) : format_(format), deep_bits_(bits_of(format.fourcc)) {}

cv::Mat PixelConverter::from_deep(std::span<const std::uint8_t> raw) {
  const cv::Mat deep = view(raw, format_.height, format_.width, CV_16UC1, format_.stride);
  if (format_.fourcc == V4L2_PIX_FMT_Y16) {
    double brightest = 0;
    cv::minMaxLoc(deep, nullptr, &brightest);
    deep_bits_ = std::max(deep_bits_, static_cast<int>(std::bit_width(static_cast<unsigned>(brightest))));
  }
  cv::Mat grey;
  deep.convertTo(grey, CV_8U, 1.0 / (1 << (deep_bits_ - 8)));
  return grey;
}

cv::Mat PixelConverter::convert(std::span<const std::uint8_t> raw) {
  const std::size_t whole = frame_bytes_min(format_);
  if (whole == 0 || raw.size() < whole) return {};
  const RawFormat& f = format_;
  cv::Mat bgr;
  switch (f.fourcc) {
    case V4L2_PIX_FMT_MJPEG: {
      const PictureBounds bounds{limits::kFrameSideMax, std::uint64_t{limits::kFrameSideMax} * limits::kFrameSideMax};
      Picture picture = decode_jpeg(raw, bounds, JpegEnd::optional);
      if (picture) bgr = *std::move(picture);
      break;
    }
    case V4L2_PIX_FMT_YUYV:
      cv::cvtColor(view(raw, f.height, f.width, CV_8UC2, f.stride), bgr, cv::COLOR_YUV2BGR_YUY2);
      break;
    case V4L2_PIX_FMT_NV12:
      cv::cvtColor(view(raw, f.height / 2 * 3, f.width, CV_8UC1, f.stride), bgr, cv::COLOR_YUV2BGR_NV12);
      break;
    case V4L2_PIX_FMT_GREY:
      cv::cvtColor(view(raw, f.height, f.width, CV_8UC1, f.stride), bgr, cv::COLOR_GRAY2BGR);
      break;
    default:
      cv::cvtColor(from_deep(raw), bgr, cv::COLOR_GRAY2BGR);
      break;
  }
  return bgr;
}

}  // namespace faceauth::vision
