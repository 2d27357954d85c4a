#include <faced/vision/source.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

Fd still(const TempDir& dir, int level) {
  const cv::Mat picture(48, 64, CV_8UC3, cv::Scalar::all(level));
  return open_file(dir.put(std::to_string(level) + ".png", encoded(picture, ".png")));
}

int level_of(const Result<CapturedFrame>& frame) { return frame ? frame->bgr.at<cv::Vec3b>(5, 5)[0] : -1; }

TEST(Stills, AreShownInOrderOverAndOver) {
  const TempDir dir;
  std::vector<Fd> files;
  files.push_back(still(dir, 10));
  files.push_back(still(dir, 20));
  const OpenedSource source = open_stills(std::move(files));
  ASSERT_TRUE(source);
  for (const int expected : {10, 20, 10, 20, 10}) EXPECT_EQ(level_of((*source)->next({})), expected);
}

TEST(Stills, FramesOwnTheirPixels) {
  const TempDir dir;
  std::vector<Fd> files;
  files.push_back(still(dir, 10));
  const OpenedSource source = open_stills(std::move(files));
  Result<CapturedFrame> first = (*source)->next({});
  ASSERT_TRUE(first);
  first->bgr.setTo(cv::Scalar::all(99));
  const Result<CapturedFrame> second = (*source)->next({});
  EXPECT_EQ(level_of(second), 10);
  EXPECT_GE(second->captured_ns, first->captured_ns);
}

TEST(Stills, AnUnreadablePictureEndsTheSource) {
  const TempDir dir;
  const Blob text = {'h', 'i'};
  std::vector<Fd> files;
  files.push_back(open_file(dir.put("text", text)));
  const OpenedSource source = open_stills(std::move(files));
  ASSERT_TRUE(source);
  EXPECT_EQ((*source)->next({}).error().code, Errc::camera_unavailable);
  EXPECT_FALSE(open_stills({}));
}

}  // namespace
}  // namespace faceauth::vision
