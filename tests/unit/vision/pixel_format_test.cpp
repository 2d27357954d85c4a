#include <faced/vision/pixel_format.h>
#include <gtest/gtest.h>
#include <linux/videodev2.h>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

constexpr std::uint32_t kW = 32, kH = 16;

// Full-range grey level 128 in each raw format.
RawFormat format(std::uint32_t fourcc, std::uint32_t stride) { return {fourcc, kW, kH, stride}; }

TEST(PixelFormat, RawFormatsBecomeBgr) {
  const struct {
    std::uint32_t fourcc, stride;
    std::size_t size;
  } cases[] = {{V4L2_PIX_FMT_YUYV, kW * 2, kW * kH * 2},
               {V4L2_PIX_FMT_NV12, kW, kW * kH * 3 / 2},
               {V4L2_PIX_FMT_GREY, kW, kW * kH}};
  for (const auto& c : cases) {
    const Blob raw(c.size, 128);
    PixelConverter converter(format(c.fourcc, c.stride));
    const cv::Mat bgr = converter.convert(raw);
    ASSERT_EQ(bgr.size(), cv::Size(kW, kH));
    ASSERT_EQ(bgr.type(), CV_8UC3);
    EXPECT_NEAR(bgr.at<cv::Vec3b>(3, 3)[1], 128, 4);
    EXPECT_TRUE(converter.convert(std::span(raw).first(c.size - 1)).empty()) << "a short frame must be refused";
  }
}

TEST(PixelFormat, RowPaddingIsSkipped) {
  constexpr std::uint32_t kStride = kW + 24;
  Blob raw(kStride * kH, 255);
  for (std::uint32_t y = 0; y < kH; ++y) std::fill_n(raw.begin() + y * kStride, kW, std::uint8_t{50});
  const cv::Mat bgr = PixelConverter(format(V4L2_PIX_FMT_GREY, kStride)).convert(raw);
  ASSERT_FALSE(bgr.empty());
  double low = 0, high = 0;
  cv::minMaxLoc(bgr.reshape(1), &low, &high);
  EXPECT_EQ(low, 50);
  EXPECT_EQ(high, 50);
}

TEST(PixelFormat, TenBitSamplesFillTheRange) {
  Blob raw(kW * kH * 2, 0);
  raw[0] = 0xFF;  // one sample of 1023, the deepest of ten bits
  raw[1] = 0x03;
  raw[2] = 0x00;  // one of 512
  raw[3] = 0x02;
  const cv::Mat bgr = PixelConverter(format(V4L2_PIX_FMT_Y16, kW * 2)).convert(raw);
  ASSERT_FALSE(bgr.empty());
  EXPECT_EQ(bgr.at<cv::Vec3b>(0, 0)[0], 255);
  EXPECT_EQ(bgr.at<cv::Vec3b>(0, 1)[0], 128);
}

TEST(PixelFormat, ADeepFormatSaysItsBits) {
  const struct {
    std::uint32_t fourcc;
    std::uint16_t half;  // of its range
  } cases[] = {{V4L2_PIX_FMT_Y10, 512}, {V4L2_PIX_FMT_Y12, 2048}, {V4L2_PIX_FMT_Y14, 8192}};
  for (const auto& c : cases) {
    Blob raw;
    for (std::uint32_t i = 0; i < kW * kH; ++i)
      raw.insert(raw.end(), {static_cast<std::uint8_t>(c.half & 255), static_cast<std::uint8_t>(c.half >> 8)});
    PixelConverter converter(format(c.fourcc, kW * 2));
    const cv::Mat bgr = converter.convert(raw);
    ASSERT_FALSE(bgr.empty());
    EXPECT_EQ(bgr.at<cv::Vec3b>(1, 1)[0], 128) << c.half;
    EXPECT_TRUE(converter.convert(std::span(raw).first(raw.size() - 1)).empty()) << "a short frame must be refused";
    EXPECT_EQ(frame_bytes_min(format(c.fourcc, kW)), 0U) << "stride too small";
    EXPECT_GT(format_rank(V4L2_PIX_FMT_GREY), format_rank(c.fourcc));
    EXPECT_GT(format_rank(c.fourcc), 0);
  }
}

// Each row a shade of its own, so that a row read from the wrong place shows; the padding is as bright as can be.
TEST(PixelFormat, DeepRowsArePaddedToo) {
  const struct {
    std::uint32_t fourcc;
    int bits;
  } cases[] = {{V4L2_PIX_FMT_Y10, 10}, {V4L2_PIX_FMT_Y12, 12}, {V4L2_PIX_FMT_Y14, 14}, {V4L2_PIX_FMT_Y16, 10}};
  for (const auto& c : cases)
    for (const std::uint32_t padding : {0U, 2U, 30U, kW * 2}) {
      const std::uint32_t stride = kW * 2 + padding;
      const auto shade_of = [](std::uint32_t row) { return static_cast<int>(64 + 8 * row); };
      Blob raw(std::size_t{stride} * kH, 255);
      for (std::uint32_t y = 0; y < kH; ++y)
        for (std::uint32_t x = 0; x < kW; ++x) {
          const int sample = (x == kW - 1 ? 255 : shade_of(y)) << (c.bits - 8);
          raw[y * stride + 2 * x] = static_cast<std::uint8_t>(sample & 255);
          raw[y * stride + 2 * x + 1] = static_cast<std::uint8_t>(sample >> 8);
        }
      PixelConverter converter(format(c.fourcc, stride));
      const cv::Mat bgr = converter.convert(raw);
      ASSERT_EQ(bgr.size(), cv::Size(kW, kH));
      for (int y = 0; y < static_cast<int>(kH); ++y) {
        EXPECT_EQ(bgr.at<cv::Vec3b>(y, 0), cv::Vec3b::all(static_cast<std::uint8_t>(shade_of(y)))) << c.bits << padding;
        EXPECT_EQ(bgr.at<cv::Vec3b>(y, kW - 2)[0], shade_of(y)) << c.bits << padding;
        EXPECT_EQ(bgr.at<cv::Vec3b>(y, kW - 1)[0], 255) << c.bits << padding;
      }
      EXPECT_TRUE(converter.convert(std::span(raw).first(raw.size() - 1)).empty()) << "a short frame must be refused";
      EXPECT_TRUE(converter.convert({}).empty());
    }
}

TEST(PixelFormat, DeepRowsOfAnOddOrTooSmallStrideAreRefused) {
  const Blob raw(std::size_t{kW} * 4 * kH, 1);
  for (const std::uint32_t fourcc : {V4L2_PIX_FMT_Y10, V4L2_PIX_FMT_Y12, V4L2_PIX_FMT_Y14, V4L2_PIX_FMT_Y16}) {
    for (const std::uint32_t stride : {0U, kW, kW * 2 - 2, kW * 2 - 1, kW * 2 + 1, 0xFFFFFFFEU}) {
      EXPECT_EQ(frame_bytes_min(format(fourcc, stride)), 0U) << stride;
      EXPECT_TRUE(PixelConverter(format(fourcc, stride)).convert(raw).empty()) << stride;
    }
    EXPECT_EQ(frame_bytes_min(format(fourcc, kW * 2 + 2)), (kW * 2 + 2) * kH);
    EXPECT_FALSE(PixelConverter(format(fourcc, kW * 2 + 2)).convert(raw).empty());
  }
}

TEST(PixelFormat, MjpegFramesMayLackTheirEndButNotTheirMiddle) {
  cv::Mat noise(120, 160, CV_8UC3);
  cv::randu(noise, 0, 255);
  const Blob jpeg = encoded(noise, ".jpg");
  PixelConverter converter({V4L2_PIX_FMT_MJPEG, 160, 120, 0});
  EXPECT_FALSE(converter.convert(jpeg).empty());
  EXPECT_FALSE(converter.convert(std::span(jpeg).first(jpeg.size() - 2)).empty());
  EXPECT_TRUE(converter.convert(std::span(jpeg).first(jpeg.size() / 2)).empty());
  EXPECT_TRUE(converter.convert({}).empty());
}

TEST(PixelFormat, ImpossibleLayoutsHaveNoSize) {
  EXPECT_EQ(frame_bytes_min(format(V4L2_PIX_FMT_YUYV, kW)), 0U);       // stride too small
  EXPECT_EQ(frame_bytes_min(format(V4L2_PIX_FMT_RGB24, kW * 3)), 0U);  // unknown
  EXPECT_EQ(frame_bytes_min({V4L2_PIX_FMT_GREY, 100'000, 100'000, 100'000}), 0U);
  EXPECT_EQ(frame_bytes_min({V4L2_PIX_FMT_NV12, 32, 15, 32}), 0U);
  EXPECT_EQ(frame_bytes_min({V4L2_PIX_FMT_GREY, 0, 0, 0}), 0U);
  EXPECT_EQ(frame_bytes_min(format(V4L2_PIX_FMT_YUYV, kW * 2)), kW * kH * 2);
}

TEST(PixelFormat, CompressedAndColourGoFirst) {
  EXPECT_GT(format_rank(V4L2_PIX_FMT_MJPEG), format_rank(V4L2_PIX_FMT_YUYV));
  EXPECT_GT(format_rank(V4L2_PIX_FMT_YUYV), format_rank(V4L2_PIX_FMT_GREY));
  EXPECT_EQ(format_rank(V4L2_PIX_FMT_H264), 0);
}

}  // namespace
}  // namespace faceauth::vision
