#include <faced/vision/source.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "fake_camera.h"

namespace faceauth::vision {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::HasSubstr;

// Fails on the test's deadline instead of hanging.
Result<CapturedFrame> next(FrameSource& source) { return source.next(steady_clock::now() + seconds(5)); }

int brightness(const Result<CapturedFrame>& frame) { return frame ? frame->bgr.at<cv::Vec3b>(200, 300)[1] : -1; }

cv::Mat flat(int level) { return {480, 640, CV_8UC3, cv::Scalar::all(level)}; }

Blob yuyv(int level) {
  Blob raw;
  for (int i = 0; i < 640 * 480; ++i) raw.insert(raw.end(), {static_cast<std::uint8_t>(level), 128});
  return raw;
}

Blob y12(int level) {
  Blob raw;
  for (int i = 0; i < 640 * 480; ++i)
    raw.insert(raw.end(), {static_cast<std::uint8_t>(level << 4), static_cast<std::uint8_t>(level >> 4)});
  return raw;
}

TEST(V4l2, StreamsEachFormat) {
  const TempDir dir;
  const std::map<std::string, Blob> formats = {
      {"MJPG", encoded(flat(120), ".jpg")}, {"YUYV", yuyv(120)},
      {"GREY", Blob(640 * 480, 120)},       {"NV12", Blob(640 * 480 * 3 / 2, 120)},
      {"Y16 ", Blob(640 * 480 * 2, 120)},   {"Y12 ", y12(120)}};
  for (const auto& [format, bytes] : formats) {
    dir.put("frame1", bytes);
    const OpenedSource source = open_v4l2(open_fake_camera(dir.path("frame%d"), {{"FAKEV4L2_FORMAT", format}}));
    ASSERT_TRUE(source) << format << ": " << source.error().message;
    for (int i = 0; i < 6; ++i) {  // more than there are buffers
      const Result<CapturedFrame> frame = next(**source);
      ASSERT_TRUE(frame) << format << ": " << frame.error().message;
      EXPECT_EQ(frame->bgr.size(), cv::Size(640, 480)) << format;
      EXPECT_NEAR(brightness(frame), format == "Y16 " ? 240 : 120, 30) << format;  // 0x7878 is deep in 15 bits
      EXPECT_LE(frame->captured_ns, monotonic_ns());
    }
  }
}

TEST(V4l2, FramesComeInOrder) {
  const TempDir dir;
  dir.put("frame1", encoded(flat(50), ".jpg"));
  dir.put("frame2", encoded(flat(150), ".jpg"));
  const OpenedSource source = open_v4l2(open_fake_camera(dir.path("frame%d")));
  ASSERT_TRUE(source);
  for (const int expected : {50, 150, 50, 150}) EXPECT_NEAR(brightness(next(**source)), expected, 5);
}

TEST(V4l2, DamagedFramesAreSkipped) {
  const TempDir dir;
  const Blob good = encoded(flat(50), ".jpg");
  dir.put("frame1", std::span(good).first(good.size() / 3));
  dir.put("frame2", {});
  dir.put("frame3", good);
  const OpenedSource source = open_v4l2(open_fake_camera(dir.path("frame%d")));
  ASSERT_TRUE(source);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(brightness(next(**source)), 50, 5);
}

TEST(V4l2, ShortRawFramesAreNeverShown) {
  const TempDir dir;
  dir.put("frame1", Blob(1000, 200));
  const OpenedSource source = open_v4l2(open_fake_camera(dir.path("frame%d"), {{"FAKEV4L2_FORMAT", "YUYV"}}));
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->next(steady_clock::now() + std::chrono::milliseconds(200)).error().code, Errc::timed_out);
}

TEST(V4l2, UnpluggedMeansGoneForGood) {
  const TempDir dir;
  dir.put("frame1", encoded(flat(50), ".jpg"));
  const OpenedSource source = open_v4l2(open_fake_camera(dir.path("frame%d"), {{"FAKEV4L2_UNPLUG_AFTER", "2"}}));
  ASSERT_TRUE(source);
  Result<CapturedFrame> frame = next(**source);
  for (int i = 0; frame && i < 5; ++i) frame = next(**source);
  ASSERT_FALSE(frame);
  EXPECT_EQ(frame.error().code, Errc::camera_unavailable);
}

TEST(V4l2, ATakenCameraSaysSo) {
  const OpenedSource source = open_v4l2(open_fake_camera("", {{"FAKEV4L2_STREAM_EBUSY", "1"}}));
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, Errc::camera_busy);
  EXPECT_THAT(source.error().message, HasSubstr("another program uses the camera"));
  EXPECT_FALSE(open_fake_camera("", {{"FAKEV4L2_EBUSY", "1"}}).valid());
}

TEST(V4l2, RefusesFormatsAndSizesItCannotRead) {
  EXPECT_FALSE(open_v4l2(open_fake_camera("", {{"FAKEV4L2_FORMAT", "H264"}})));
  EXPECT_FALSE(open_v4l2(open_fake_camera("", {{"FAKEV4L2_SIZE", "100000x100000"}, {"FAKEV4L2_FORMAT", "YUYV"}})));
  EXPECT_FALSE(open_v4l2(open_fake_camera("", {{"FAKEV4L2_SIZE", "2000x2000"}, {"FAKEV4L2_FORMAT", "YUYV"}})))
      << "a frame does not fit the driver's buffers";
}

TEST(V4l2, OtherDescriptorsAreNoCamera) {
  EXPECT_FALSE(open_v4l2(open_file("/dev/null")));
  EXPECT_FALSE(open_v4l2(open_file("/tmp")));
  EXPECT_FALSE(open_v4l2(Fd()));
}

}  // namespace
}  // namespace faceauth::vision
