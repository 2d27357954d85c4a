#include <faced/vision/light.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

TEST(Light, GoodLightIsLeftAlone) {
  Brightener brightener;
  cv::Mat bright(48, 64, CV_8UC3, cv::Scalar::all(120));
  EXPECT_EQ(brightener.brighten(bright).data, bright.data);
}

TEST(Light, DarkPicturesAreStretchedAndTheOriginalKept) {
  Brightener brightener;
  cv::Mat dark(48, 64, CV_8UC3, cv::Scalar::all(10));
  dark(cv::Rect(0, 0, 32, 48)).setTo(cv::Scalar::all(20));
  const cv::Mat out = brightener.brighten(dark);
  EXPECT_NEAR(out.at<cv::Vec3b>(20, 10)[0], 200, 2);
  EXPECT_NEAR(out.at<cv::Vec3b>(20, 50)[0], 100, 2);
  EXPECT_EQ(dark.at<cv::Vec3b>(20, 10)[0], 20);
}

TEST(Light, BlackStaysBlack) {
  Brightener brightener;
  const cv::Mat out = brightener.brighten(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(0)));
  EXPECT_EQ(cv::countNonZero(out.reshape(1)), 0);
}

TEST(Light, OnePixelWillDo) {
  Brightener brightener;
  EXPECT_EQ(brightener.brighten(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(3))).total(), 1U);
}

// As it was with resize(), cvtColor(), convertTo() and GaussianBlur().
cv::Mat with_opencv(const cv::Mat& bgr) {
  cv::Mat sample, grey;
  const double scale = std::min(1.0, 160.0 / std::max(bgr.cols, bgr.rows));
  cv::resize(bgr, sample, {std::max(1, cvRound(bgr.cols * scale)), std::max(1, cvRound(bgr.rows * scale))}, 0, 0,
             cv::INTER_NEAREST);
  cv::cvtColor(sample, grey, cv::COLOR_BGR2GRAY);
  std::vector<uchar> levels(grey.begin<uchar>(), grey.end<uchar>());
  std::sort(levels.rbegin(), levels.rend());
  const int bright = levels[levels.size() / 100];
  if (bright >= 100) return bgr;
  const double gain = std::min(25.0, 200.0 / std::max(1, bright));
  cv::Mat out;
  bgr.convertTo(out, -1, gain);
  if (gain >= 3) cv::GaussianBlur(out, out, {3, 3}, 0);
  return out;
}

TEST(Light, DoesWhatOpenCvWould) {
  Brightener brightener;
  for (const cv::Size size : {cv::Size(640, 480), cv::Size(160, 120), cv::Size(341, 517), cv::Size(1, 9),
                              cv::Size(9, 1), cv::Size(2, 2), cv::Size(1280, 3)})
    for (const int brightest : {3, 20, 50, 66, 67, 99, 100, 130, 255}) {
      cv::Mat bgr(size, CV_8UC3);
      cv::randu(bgr, 0, brightest + 1);
      EXPECT_EQ(cv::norm(brightener.brighten(bgr), with_opencv(bgr), cv::NORM_INF), 0) << size << ", " << brightest;
    }
}

}  // namespace
}  // namespace faceauth::vision
