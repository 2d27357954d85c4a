#include <faced/vision/similarity.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace faceauth::vision {
namespace {

const std::array<cv::Point2f, 4> kPoints = {{{0, 0}, {10, 0}, {10, 20}, {3, 7}}};

cv::Point2f apply(const cv::Matx23f& m, const cv::Point2f& p) {
  const cv::Vec2f v = m * cv::Vec3f(p.x, p.y, 1);
  return {v[0], v[1]};
}

TEST(Similarity, RecoversRotationScaleAndShift) {
  const float c = 2 * std::cos(0.5F), s = 2 * std::sin(0.5F);
  const cv::Matx23f truth(c, -s, 5, s, c, -3);
  std::array<cv::Point2f, 4> to;
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = apply(truth, kPoints[i]);
  const cv::Matx23f found = fit_similarity(kPoints, to);
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(found.val[i], truth.val[i], 1e-4);
}

TEST(Similarity, NeverMirrors) {
  std::array<cv::Point2f, 4> mirrored;
  for (std::size_t i = 0; i < mirrored.size(); ++i) mirrored[i] = {-kPoints[i].x, kPoints[i].y};
  const cv::Matx23f found = fit_similarity(kPoints, mirrored);
  EXPECT_GE(found(0, 0) * found(1, 1) - found(0, 1) * found(1, 0), 0);
}

TEST(Similarity, PointsThatDetermineNothingGiveIdentity) {
  const std::array<cv::Point2f, 2> same = {{{4, 4}, {4, 4}}};
  EXPECT_EQ(fit_similarity(same, same), cv::Matx23f(1, 0, 0, 0, 1, 0));
  EXPECT_EQ(fit_similarity({}, {}), cv::Matx23f(1, 0, 0, 0, 1, 0));
}

}  // namespace
}  // namespace faceauth::vision
