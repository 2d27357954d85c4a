// The chip, against dlib's own, to the last bit.
#include <faced/vision/dlib_chip.h>
#include <gtest/gtest.h>

#include <dlib/image_processing.h>
#include <dlib/image_transforms.h>
#include <dlib/opencv.h>

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <random>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

cv::Mat right_chip(const cv::Mat& bgr, const FivePoints& points) {
  std::vector<dlib::point> parts;
  for (const cv::Point2f& p : points) parts.emplace_back(std::lround(p.x), std::lround(p.y));
  const dlib::full_object_detection shape(dlib::rectangle(), parts);
  dlib::matrix<dlib::rgb_pixel> chip;
  dlib::extract_image_chip(dlib::cv_image<dlib::bgr_pixel>(bgr), dlib::get_face_chip_details(shape, 150, 0.25), chip);
  return dlib::toMat(chip).clone();
}

// A face's points, so large, so far turned and there, none of them quite where it should be.
FivePoints points_of(cv::Point2f at, float size, float angle, std::mt19937& random) {
  constexpr float kFace[5][2] = {{0.86F, 0.21F}, {0.65F, 0.23F}, {0.12F, 0.21F}, {0.33F, 0.23F}, {0.49F, 0.63F}};
  std::normal_distribution<float> off(0, size / 40);
  FivePoints points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const cv::Point2f p((kFace[i][0] - 0.5F) * size, (kFace[i][1] - 0.5F) * size);
    points[i] = at + cv::Point2f(p.x * std::cos(angle) - p.y * std::sin(angle) + off(random),
                                 p.x * std::sin(angle) + p.y * std::cos(angle) + off(random));
  }
  return points;
}

// Faces of all sizes, some partly or wholly outside, over photos with clipped highlights.
TEST(DlibChip, IsDlibsToTheLastBit) {
  DlibChip ours;
  cv::Mat chip;
  std::mt19937 random(5);
  std::uniform_real_distribution<float> part(-0.1F, 1.1F), size(20, 700), angle(-1, 1);
  int differing = 0, black = 0;
  for (const char* name : {"sample1.jpg", "sample3.jpg", "sample5.jpg"}) {
    cv::Mat bright;
    photo(name).convertTo(bright, -1, 1.5, 30);
    for (const cv::Mat& picture : {photo(name), bright})
      for (int i = 0; i < 60; ++i) {
        const cv::Point2f at(part(random) * static_cast<float>(picture.cols),
                             part(random) * static_cast<float>(picture.rows));
        const FivePoints points = points_of(at, size(random), angle(random), random);
        const cv::Mat right = right_chip(picture, points);
        ours.cut(picture, points, chip);
        ASSERT_EQ(chip.size(), right.size());
        differing += cv::norm(chip, right, cv::NORM_INF) > 0 ? 1 : 0;
        black += cv::countNonZero(right.reshape(1)) == 0 ? 1 : 0;
      }
  }
  EXPECT_EQ(differing, 0);
  EXPECT_LT(black, 60) << "most chips show something";
}

TEST(DlibChip, IsAnothersWhenTheFaceLiesElsewhere) {
  DlibChip ours;
  std::mt19937 random(6);
  const cv::Mat picture = photo("sample1.jpg");
  const FivePoints points = points_of({600, 400}, 200, 0, random);
  FivePoints moved = points;
  moved[0].x += 3;
  cv::Mat here, there;
  ours.cut(picture, points, here);
  ours.cut(picture, moved, there);
  EXPECT_GT(cv::norm(here, there, cv::NORM_INF), 0);
}

}  // namespace
}  // namespace faceauth::vision
