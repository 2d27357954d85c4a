#include <faced/vision/detector.h>
#include <gtest/gtest.h>
#include <tests/support/built.h>
#include <opencv2/imgproc.hpp>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

Detector& detector() {
  static Detector loaded(*read_model(test::built::kModels, kDetectPin));
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

// On every set of instructions, whatever the picture: the same proposals as OpenCV's, in the same order.
TEST(Detector, ProposesWhatOpenCvProposes) {
  constexpr float kScoreMin = 0.02F, kClose = 1e-4F;
  const ModelFile model = read_model(test::built::kModels, kDetectPin).value();
  FaceProposals reference(model, nullptr);
  ASSERT_FALSE(reference.on_kernels());
  for (const Kernels* kernels : {avx512_kernels(), avx2_kernels(), sse2_kernels()}) {
    if (kernels == nullptr) continue;
    SCOPED_TRACE(kernels->name);
    FaceProposals ours(model, kernels);
    ASSERT_TRUE(ours.on_kernels());
    for (const char* name : {"sample1.jpg", "sample3.jpg", "sample5.jpg"}) {
      cv::Mat picture;
      cv::resize(photo(name), picture, {FaceProposals::kWidth, FaceProposals::kHeight}, 0, 0, cv::INTER_AREA);
      const std::vector<FaceProposal> right = reference.find(picture, kScoreMin), found = ours.find(picture, kScoreMin);
      ASSERT_GT(right.size(), 10U);
      ASSERT_EQ(found.size(), right.size());
      for (std::size_t i = 0; i < right.size(); ++i) {
        EXPECT_NEAR(found[i].score, right[i].score, kClose);
        EXPECT_LE(cv::norm(found[i].first - right[i].first), kClose);
        EXPECT_LE(cv::norm(found[i].last - right[i].last), kClose);
      }
    }
  }
}

TEST(Detector, RefusesAnotherNetwork) {
  const ModelFile other = read_model(test::built::kModels, kLandmarkPin).value();
  EXPECT_THROW(FaceProposals(other, best_kernels()), std::exception);
}

}  // namespace
}  // namespace faceauth::vision
