// dlib's detector and landmarks, computed by us, against dlib itself.
#include <dlib/image_processing.h>
#include <dlib/image_transforms.h>
#include <dlib/opencv.h>
#include <faced/vision/detector.h>
#include <faced/vision/dlib_landmarks.h>
#include <faced/vision/face_shape.h>
#include <faced/vision/hog_features.h>
#include <faced/vision/hog_finder.h>
#include <gtest/gtest.h>
#include <tests/support/built.h>

#include <opencv2/imgproc.hpp>
#include <sstream>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

// Whole photos in several sizes, so that faces have many.
std::vector<cv::Mat> pictures() {
  std::vector<cv::Mat> all;
  for (const char* name : {"sample1.jpg", "sample2.jpg", "sample3.jpg", "sample4.jpg", "sample5.jpg", "sample6.jpg"})
    for (const double scale : {0.4, 0.7}) {
      cv::Mat grey;
      cv::cvtColor(photo(name), grey, cv::COLOR_BGR2GRAY);
      cv::resize(grey, grey, cv::Size(), scale, scale, cv::INTER_AREA);
      all.push_back(grey);
    }
  all.emplace_back(90, 70, CV_8UC1, cv::Scalar(0));
  all.emplace_back(20, 30, CV_8UC1, cv::Scalar(100));
  return all;
}

TEST(HogFinder, FindsWhatDlibFindsInTheSamePlaces) {
  HogFinder dlib_itself(nullptr);
  for (const Kernels* kernels : {avx512_kernels(), avx2_kernels(), sse2_kernels()}) {
    if (kernels == nullptr) continue;
    SCOPED_TRACE(kernels->name);
    HogFinder ours(kernels);
    std::size_t faces = 0;
    for (const cv::Mat& picture : pictures()) {
      const std::vector<cv::Rect> right = dlib_itself.find(picture);
      EXPECT_EQ(ours.find(picture), right);
      faces += right.size();
    }
    EXPECT_GT(faces, 10U);
  }
}

// Boxes hardly move when a level of the pyramid is a little off; its pixels tell.
TEST(HogFinder, ItsPyramidIsDlibs) {
  cv::Mat noise(199, 200, CV_8UC1);
  cv::randu(noise, 0, 256);
  dlib::array2d<unsigned char> right;
  dlib::pyramid_down<6>()(dlib::cv_image<unsigned char>(noise), right);
  HogPyramid pyramid;
  EXPECT_EQ(cv::norm(pyramid.shrink(noise), dlib::toMat(right), cv::NORM_INF), 0);
}

TEST(HogFinder, FindsNobodyInNoise) {
  cv::Mat noise(300, 300, CV_8UC1);
  cv::randu(noise, 0, 256);
  EXPECT_TRUE(HogFinder(best_kernels()).find(noise).empty());
}

std::string shape_file() { return read_model(test::built::kModels, kShapePin).value().bytes; }

TEST(FaceShape, GivesDlibsLandmarks) {
  std::istringstream in(shape_file()), again(shape_file());
  FaceShape ours(in);
  dlib::shape_predictor theirs;
  dlib::deserialize(theirs, again);
  HogFinder hog(best_kernels());
  for (const cv::Mat& picture : pictures()) {
    std::vector<cv::Rect> boxes = hog.find(picture);
    boxes.emplace_back(-20, 5, 80, 80);  // not a face, and not wholly in the picture
    for (const cv::Rect& box : boxes) {
      const dlib::full_object_detection right =
          theirs(dlib::cv_image<unsigned char>(picture),
                 dlib::rectangle(box.x, box.y, box.x + box.width - 1, box.y + box.height - 1));
      const std::vector<cv::Point> found = ours.find(picture, box);
      ASSERT_EQ(found.size(), right.num_parts());
      for (unsigned long i = 0; i < right.num_parts(); ++i)
        EXPECT_EQ(found[i], cv::Point(static_cast<int>(right.part(i).x()), static_cast<int>(right.part(i).y())));
    }
  }
}

TEST(FaceShape, RefusesAFileThatIsNone) {
  std::istringstream other("no landmarks"), cut(shape_file().substr(0, 1'000'000));
  EXPECT_THROW(FaceShape{other}, std::exception);
  EXPECT_THROW(FaceShape{cut}, std::exception);
}

}  // namespace
}  // namespace faceauth::vision
