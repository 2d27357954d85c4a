#include <faced/vision/light.h>
#include <gtest/gtest.h>

namespace faceauth::vision {
namespace {

TEST(Light, GoodLightIsLeftAlone) {
  cv::Mat bright(48, 64, CV_8UC3, cv::Scalar::all(120));
  EXPECT_EQ(brightened(bright).data, bright.data);
}

TEST(Light, DarkPicturesAreStretchedAndTheOriginalKept) {
  cv::Mat dark(48, 64, CV_8UC3, cv::Scalar::all(10));
  dark(cv::Rect(0, 0, 32, 48)).setTo(cv::Scalar::all(20));
  const cv::Mat out = brightened(dark);
  EXPECT_NEAR(out.at<cv::Vec3b>(20, 10)[0], 200, 2);
  EXPECT_NEAR(out.at<cv::Vec3b>(20, 50)[0], 100, 2);
  EXPECT_EQ(dark.at<cv::Vec3b>(20, 10)[0], 20);
}

TEST(Light, BlackStaysBlack) {
  const cv::Mat out = brightened(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(0)));
  EXPECT_EQ(cv::countNonZero(out.reshape(1)), 0);
}

TEST(Light, OnePixelWillDo) { EXPECT_EQ(brightened(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(3))).total(), 1U); }

}  // namespace
}  // namespace faceauth::vision
