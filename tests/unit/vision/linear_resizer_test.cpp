// Against OpenCV, to the bit.
#include <faced/vision/linear_resizer.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>
#include <random>

namespace faceauth::vision {
namespace {

void expect_opencvs(LinearResizer& resizer, const cv::Mat& source, const cv::Size& to) {
  cv::Mat ours, right;
  resizer.resize(source, to, ours);
  cv::resize(source, right, to);
  ASSERT_EQ(ours.type(), right.type());
  ASSERT_EQ(cv::norm(ours, right, cv::NORM_INF), 0) << source.size() << " to " << to;
}

TEST(LinearResizer, GivesOpenCvsPixels) {
  LinearResizer resizer;
  std::mt19937 random(4);
  std::uniform_int_distribution<int> side(1, 400);
  for (int i = 0; i < 600; ++i) {
    cv::Mat source(side(random) + 4, side(random) + 6, i % 3 == 0 ? CV_8UC1 : CV_8UC3);
    cv::randu(source, 0, 256);
    expect_opencvs(resizer, source(cv::Rect(2, 3, source.cols - 6, source.rows - 4)), {side(random), side(random)});
  }
}

TEST(LinearResizer, GivesOpenCvsPixelsForFramesAndFaces) {
  LinearResizer resizer;
  for (const int type : {CV_8UC1, CV_8UC3})
    for (const cv::Size from : {cv::Size(640, 480), cv::Size(320, 240), cv::Size(176, 144), cv::Size(431, 431)}) {
      cv::Mat source(from, type);
      cv::randu(source, 0, 256);
      for (const cv::Size to : {cv::Size(320, 240), cv::Size(128, 128), cv::Size(400, 399), cv::Size(862, 862), from})
        expect_opencvs(resizer, source, to);
    }
}

TEST(LinearResizer, WritesIntoAPartOfAPicture) {
  LinearResizer resizer;
  cv::Mat frame(40, 50, CV_8UC3, cv::Scalar::all(127)), right;
  for (const cv::Size from : {cv::Size(30, 20), cv::Size(33, 22), cv::Size(60, 40)}) {
    const cv::Mat source(from, CV_8UC3, cv::Scalar(1, 2, 3));
    cv::Mat part = frame(cv::Rect(10, 5, 30, 20));
    resizer.resize(source, part.size(), part);
    EXPECT_EQ(frame.at<cv::Vec3b>(24, 39), cv::Vec3b(1, 2, 3));
    EXPECT_EQ(frame.at<cv::Vec3b>(25, 39), cv::Vec3b(127, 127, 127));
    EXPECT_EQ(frame.at<cv::Vec3b>(5, 9), cv::Vec3b(127, 127, 127));
  }
}

TEST(LinearResizer, TakesNoOtherPictures) {
  LinearResizer resizer;
  cv::Mat to;
  EXPECT_THROW(resizer.resize(cv::Mat(), {4, 4}, to), cv::Exception);
  EXPECT_THROW(resizer.resize(cv::Mat(4, 4, CV_32F), {4, 4}, to), cv::Exception);
  EXPECT_THROW(resizer.resize(cv::Mat(4, 4, CV_8U), {}, to), cv::Exception);
}

}  // namespace
}  // namespace faceauth::vision
