#include <faced/vision/detector.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

Detector& detector() {
  static Detector loaded(*read_model(FACEAUTH_MODELS_DIR, kDetectPin));
  return loaded;
}

TEST(Detector, CountsThePeopleInGroupPhotos) {
  EXPECT_EQ(detector().find(photo("sample1.jpg")).size(), 3U);
  EXPECT_EQ(detector().find(photo("sample3.jpg")).size(), 3U);
  EXPECT_EQ(detector().find(photo("sample5.jpg")).size(), 5U);
}

TEST(Detector, FindsNobodyInAnEmptyRoom) { EXPECT_TRUE(detector().find(scene(Scene::nobody)).empty()); }

TEST(Detector, KeepsProportionsOfTallPictures) {
  const cv::Mat wide = scene(Scene::man);
  cv::Mat tall;
  cv::copyMakeBorder(wide, tall, 300, 300, 0, 0, cv::BORDER_REPLICATE);
  const auto in_wide = detector().find(wide), in_tall = detector().find(tall);
  ASSERT_EQ(in_wide.size(), 1U);
  ASSERT_FALSE(in_tall.empty());
  const cv::Rect2f moved = in_wide[0].box + cv::Point2f(0, 300);
  EXPECT_GT((moved & in_tall[0].box).area(), 0.6F * moved.area());
}

TEST(Detector, WhoIsCutOffByTheEdgeComesSecond) {
  // The person on the left, nearer to the camera but only half in the picture.
  cv::Mat near;
  cv::resize(scene(Scene::man), near, cv::Size(), 1.4, 1.4);
  cv::Mat both = scene(Scene::woman_tuesday);
  const auto alone = detector().find(near);
  ASSERT_EQ(alone.size(), 1U);
  const int middle = static_cast<int>(alone[0].box.x + alone[0].box.width * 0.6F);
  near(cv::Rect(middle, 100, 140, 480)).copyTo(both(cv::Rect(0, 0, 140, 480)));
  const auto faces = detector().find(both);
  ASSERT_FALSE(faces.empty());
  EXPECT_GT(faces[0].box.x, 150);
}

}  // namespace
}  // namespace faceauth::vision
