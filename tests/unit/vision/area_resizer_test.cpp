#include <faced/vision/area_resizer.h>
#include <gtest/gtest.h>

#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

TEST(AreaResizer, GivesOpenCvsPixels) {
  AreaResizer resizer;
  cv::Mat ours, right;
  for (const cv::Size from : {cv::Size(640, 480), cv::Size(431, 431), cv::Size(517, 388), cv::Size(401, 400)}) {
    cv::Mat source(from.height + 7, from.width + 5, CV_8UC3);
    cv::randu(source, 0, 256);
    const cv::Mat part = source(cv::Rect(cv::Point(2, 3), from));
    for (const cv::Size to : {cv::Size(400, 388), cv::Size(320, 240), cv::Size(399, 100), cv::Size(2, 3)}) {
      resizer.shrink(part, to, ours);
      cv::resize(part, right, to, 0, 0, cv::INTER_AREA);
      EXPECT_EQ(cv::norm(ours, right, cv::NORM_INF), 0) << from << " to " << to;
    }
  }
}

TEST(AreaResizer, LeavesWhatDoesNotFitToOpenCv) {
  AreaResizer resizer;
  cv::Mat grey(30, 40, CV_8UC1), ours, right;
  cv::randu(grey, 0, 256);
  resizer.shrink(grey, cv::Size(17, 11), ours);
  cv::resize(grey, right, cv::Size(17, 11), 0, 0, cv::INTER_AREA);
  EXPECT_EQ(cv::norm(ours, right, cv::NORM_INF), 0);
  EXPECT_THROW(resizer.shrink(cv::Mat(8, 8, CV_8UC3), cv::Size(), ours), cv::Exception);
  EXPECT_THROW(resizer.shrink(cv::Mat(), cv::Size(17, 11), ours), cv::Exception);
}

}  // namespace
}  // namespace faceauth::vision
