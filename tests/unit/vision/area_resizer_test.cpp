// Against OpenCV, to the bit.
#include <faced/vision/area_resizer.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

TEST(AreaResizer, GivesOpenCvsPixels) {
  AreaResizer resizer;
  cv::Mat ours, right;
  for (const int type : {CV_8UC1, CV_8UC3})
    for (const cv::Size from : {cv::Size(640, 480), cv::Size(431, 431), cv::Size(517, 388), cv::Size(401, 400)}) {
      cv::Mat source(from.height + 7, from.width + 5, type);
      cv::randu(source, 0, 256);
      const cv::Mat part = source(cv::Rect(cv::Point(2, 3), from));
      for (const cv::Size to :
           {cv::Size(400, 388), cv::Size(320, 240), cv::Size(399, 100), cv::Size(200, 200), cv::Size(2, 3)}) {
        resizer.shrink(part, to, ours);
        cv::resize(part, right, to, 0, 0, cv::INTER_AREA);
        EXPECT_EQ(cv::norm(ours, right, cv::NORM_INF), 0) << from << " to " << to;
      }
    }
}

// Each pixel of the target is the mean of whole ones.
TEST(AreaResizer, GivesOpenCvsPixelsForWholeFactors) {
  AreaResizer resizer;
  cv::Mat ours, right;
  for (const int type : {CV_8UC1, CV_8UC3})
    for (const cv::Size to : {cv::Size(1, 1), cv::Size(3, 2), cv::Size(16, 5), cv::Size(67, 31)})
      for (int wide = 1; wide < 7; ++wide)
        for (int tall = 1; tall < 7; ++tall) {
          cv::Mat source(to.height * tall, to.width * wide, type);
          cv::randu(source, 0, 256);
          resizer.shrink(source, to, ours);
          cv::resize(source, right, to, 0, 0, cv::INTER_AREA);
          EXPECT_EQ(cv::norm(ours, right, cv::NORM_INF), 0) << wide << " by " << tall << " to " << to;
        }
}

TEST(AreaResizer, TakesNoOtherPictures) {
  AreaResizer resizer;
  cv::Mat ours;
  EXPECT_THROW(resizer.shrink(cv::Mat(8, 8, CV_8UC3), cv::Size(), ours), cv::Exception);
  EXPECT_THROW(resizer.shrink(cv::Mat(), cv::Size(17, 11), ours), cv::Exception);
  EXPECT_THROW(resizer.shrink(cv::Mat(8, 8, CV_32F), cv::Size(3, 3), ours), cv::Exception);
}

}  // namespace
}  // namespace faceauth::vision
