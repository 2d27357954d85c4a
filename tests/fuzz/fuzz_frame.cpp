// What a camera's driver delivers, or a device that plays one: 7 bytes choose format and layout, the rest is the frame.
#include "fuzz.h"

#include <faced/vision/pixel_format.h>

#include <linux/videodev2.h>

#include <span>

using namespace faceauth;
using namespace faceauth::vision;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint32_t kFormats[] = {V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_JPEG, V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_UYVY,
                                        V4L2_PIX_FMT_NV12,  V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_Y16,  V4L2_PIX_FMT_BGR24,
                                        V4L2_PIX_FMT_RGB24, 0x34363248};
  if (size < 7) return 0;
  RawFormat format;
  format.fourcc = kFormats[data[0] % std::size(kFormats)];
  format.width = data[1] + 256U * (data[2] % 2);
  format.height = data[3] + 256U * (data[4] % 2);
  format.stride = data[5] + 256U * data[6];
  const std::span<const std::uint8_t> raw(data + 7, size - 7);
  const cv::Mat picture = PixelConverter(format).convert(raw);
  if (picture.empty()) return 0;
  fuzz::must(format_rank(format.fourcc) > 0 && frame_bytes_min(format) > 0, "what cannot be read is not shown");
  fuzz::must(raw.size() >= frame_bytes_min(format), "a short frame is not shown");
  fuzz::must(picture.type() == CV_8UC3, "a picture is in colour");
  return 0;
}
