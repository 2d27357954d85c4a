#include <faced/vision/quality.h>
#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

const FeaturePoints kLevel = {{{-30, 0}, {30, 0}, {0, 33}, {-24, 66}, {24, 66}}};

Quality measured(const FeaturePoints& points) {
  const cv::Mat picture(480, 640, CV_8UC3, cv::Scalar::all(90));
  AlignedFace face;
  face.box = cv::Rect2f(200, 150, 120, 120);
  face.chip = cv::Mat(150, 150, CV_8UC3, cv::Scalar::all(90));
  face.points = points;
  return measure_quality(picture, face);
}

TEST(Quality, ALevelHeadHasNoAngles) {
  const Quality q = measured(kLevel);
  EXPECT_NEAR(q.yaw_deg, 0, 0.1);
  EXPECT_NEAR(q.pitch_deg, 0, 0.1);
  EXPECT_NEAR(q.roll_deg, 0, 0.1);
  EXPECT_NEAR(q.brightness, 90, 0.5);
  EXPECT_EQ(q.sharpness, 0);
  EXPECT_EQ(q.face_height_px, 120);
}

TEST(Quality, SharpnessIsTheVarianceOfOpenCvsLaplacian) {
  AlignedFace face;
  face.chip = cv::Mat(150, 150, CV_8UC3);
  for (const int most : {2, 40, 256}) {
    cv::randu(face.chip, 0, most);
    cv::Mat grey, laplacian;
    cv::cvtColor(face.chip, grey, cv::COLOR_RGB2GRAY);
    cv::Laplacian(grey, laplacian, CV_32F);
    cv::Scalar mean, deviation;
    cv::meanStdDev(laplacian, mean, deviation);
    EXPECT_GT(deviation[0], 0);
    EXPECT_EQ(measure_quality(face.chip, face).sharpness, static_cast<float>(deviation[0] * deviation[0]));
  }
}

TEST(Quality, SignsAreAsDocumented) {
  FeaturePoints to_their_left = kLevel;  // the image's right
  to_their_left[2].x += 15;
  EXPECT_NEAR(measured(to_their_left).yaw_deg, 26.6, 0.5);
  FeaturePoints up = kLevel;
  up[2].y -= 10;
  EXPECT_GT(measured(up).pitch_deg, 10);
  FeaturePoints rolled = kLevel;
  const float c = std::cos(0.35F), s = std::sin(0.35F);  // 20 degrees counter-clockwise as seen
  for (cv::Point2f& p : rolled) p = {c * p.x + s * p.y, -s * p.x + c * p.y};
  EXPECT_NEAR(measured(rolled).roll_deg, 20, 0.2);
  EXPECT_NEAR(measured(rolled).yaw_deg, 0, 0.2);
}

TEST(Quality, DegeneratePointsStayFinite) {
  const Quality q = measured(FeaturePoints{});
  EXPECT_TRUE(std::isfinite(q.yaw_deg) && std::isfinite(q.pitch_deg) && std::isfinite(q.roll_deg));
}

TEST(Quality, AFaceOutsideThePictureHasNoBrightness) {
  AlignedFace face;
  face.box = cv::Rect2f(-500, -500, 100, 100);
  face.chip = cv::Mat(150, 150, CV_8UC3, cv::Scalar::all(0));
  EXPECT_EQ(measure_quality(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(90)), face).brightness, 0);
}

}  // namespace
}  // namespace faceauth::vision
