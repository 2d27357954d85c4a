#include <faced/vision/source.h>
#include <gtest/gtest.h>

#include "clip_maker.h"
#include "fixtures.h"

namespace faceauth::vision {
namespace {

using std::chrono::steady_clock;

std::vector<cv::Mat> levels() {
  std::vector<cv::Mat> frames;
  for (const int level : {40, 90, 140, 190, 240}) frames.emplace_back(96, 128, CV_8UC3, cv::Scalar::all(level));
  return frames;
}

TEST(Clip, PlaysInOrderAndStartsOver) {
  const TempDir dir;
  for (const char* container : {"mp4", "matroska"}) {
    const OpenedSource source = open_clip(open_file(dir.put("clip", make_clip(levels(), container))), {});
    ASSERT_TRUE(source) << container << ": " << source.error().message;
    for (int i = 0; i < 12; ++i) {
      const Result<CapturedFrame> frame = (*source)->next({});
      ASSERT_TRUE(frame) << container << " frame " << i << ": " << frame.error().message;
      EXPECT_EQ(frame->bgr.size(), cv::Size(128, 96));
      EXPECT_NEAR(frame->bgr.at<cv::Vec3b>(50, 50)[1], 40 + 50 * (i % 5), 8) << container << " frame " << i;
    }
  }
}

// The scaler writes whole vectors, past the end of a row whose width is no multiple of them.
TEST(Clip, AnyWidthIsReadWithinItsMemory) {
  const TempDir dir;
  for (const int width : {18, 130, 322, 350, 360}) {
    const std::vector<cv::Mat> frames(2, cv::Mat(50, width, CV_8UC3, cv::Scalar::all(90)));
    const OpenedSource source = open_clip(open_file(dir.put("clip", make_clip(frames, "mp4"))), {});
    ASSERT_TRUE(source) << width;
    for (int i = 0; i < 3; ++i) {
      const Result<CapturedFrame> frame = (*source)->next({});
      ASSERT_TRUE(frame) << width;
      EXPECT_EQ(frame->bgr.size(), cv::Size(width, 50));
      EXPECT_NEAR(frame->bgr.at<cv::Vec3b>(49, width - 1)[1], 90, 8) << width;
    }
  }
}

TEST(Clip, RubbishIsRefusedInBoundedTime) {
  const auto started = steady_clock::now();
  const TempDir dir;
  Blob noise(1 << 20);
  cv::randu(cv::Mat(noise), 0, 255);
  const Blob clip = make_clip(levels(), "mp4");
  const Blob picture = encoded(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(9)), ".png");
  const std::string list = "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
                    concat = "ffconcat version 1.0\nfile /etc/passwd\n";
  const Blob cases[] = {{},
                        noise,
                        Blob(clip.begin(), clip.begin() + 200),
                        picture,
                        Blob(list.begin(), list.end()),
                        Blob(concat.begin(), concat.end())};
  for (const Blob& bytes : cases) {
    const OpenedSource source = open_clip(open_file(dir.put("clip", bytes)), {});
    if (source) {
      EXPECT_FALSE((*source)->next({}));
    }
  }
  EXPECT_FALSE(open_clip(open_file("/dev/zero"), {}));
  EXPECT_FALSE(open_clip(Fd(), {}));
  EXPECT_LT(steady_clock::now() - started, std::chrono::seconds(20));
}

TEST(Clip, DamagedClipsNeverCrash) {
  const TempDir dir;
  const Blob whole = make_clip(levels(), "matroska");
  for (std::size_t at = 0; at < whole.size(); at += 13) {
    Blob damaged = whole;
    damaged[at] ^= 0xA5;
    const OpenedSource source = open_clip(open_file(dir.put("clip", damaged)), {});
    for (int i = 0; source && i < 8; ++i)
      if (!(*source)->next({})) break;
  }
}

TEST(Clip, ACancelledOpenGivesUp) {
  const TempDir dir;
  std::stop_source stop;
  stop.request_stop();
  const OpenedSource source = open_clip(open_file(dir.put("clip", make_clip(levels(), "mp4"))), stop.get_token());
  if (source) {
    EXPECT_FALSE((*source)->next({}));
  }
}

}  // namespace
}  // namespace faceauth::vision
