// Against OpenCV, to the bit.
#include <faced/vision/affine_warper.h>
#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/imgproc.hpp>
#include <random>

namespace faceauth::vision {
namespace {

// Turned, scaled, sheared a little and moved so far that some of it lies beyond the picture.
cv::Matx23f some_matrix(const cv::Size& from, const cv::Size& to, std::mt19937& random) {
  std::uniform_real_distribution<float> angle(-3.2F, 3.2F), size(-2, 2), part(-0.3F, 1.3F), shear(-0.2F, 0.2F);
  const float scale = std::exp(size(random)), turn = angle(random);
  const float c = scale * std::cos(turn), s = scale * std::sin(turn), off = scale * shear(random);
  const float x = part(random) * static_cast<float>(from.width), y = part(random) * static_cast<float>(from.height);
  return {c + off, -s, static_cast<float>(to.width) / 2 - (c + off) * x + s * y,
          s,       c,  static_cast<float>(to.height) / 2 - s * x - c * y};
}

int bytes_apart(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() != b.size() || a.type() != b.type()) return -1;
  const cv::Mat differ = a != b;
  return cv::countNonZero(differ.reshape(1));
}

TEST(AffineWarper, GivesOpenCvsPixels) {
  AffineWarper warper;
  std::mt19937 random(3);
  std::uniform_int_distribution<int> side(1, 300);
  cv::Mat ours, right;
  int beyond = 0;
  for (int i = 0; i < 1500; ++i) {
    cv::Mat source(side(random) + 4, side(random) + 6, i % 2 == 0 ? CV_8UC3 : CV_8UC1);
    cv::randu(source, 0, 256);
    const cv::Mat part = source(cv::Rect(2, 3, source.cols - 6, source.rows - 4));
    const cv::Size to(side(random), side(random));
    const cv::Matx23f matrix = some_matrix(part.size(), to, random);
    const bool black = i % 4 < 2;
    warper.warp(part, matrix, to, black ? AffineWarper::Beyond::black : AffineWarper::Beyond::edge, ours);
    // Of a part of a picture OpenCV sees no more either.
    cv::warpAffine(part, right, matrix, to, cv::INTER_LINEAR, black ? cv::BORDER_CONSTANT : cv::BORDER_REPLICATE);
    ASSERT_EQ(bytes_apart(ours, right), 0) << i << ": " << part.size() << " to " << to << " by " << matrix;
    if (black && cv::countNonZero(right.reshape(1)) < static_cast<int>(right.total()) * right.channels() / 2) ++beyond;
  }
  EXPECT_GT(beyond, 100) << "nothing lay beyond the pictures";
}

TEST(AffineWarper, GivesOpenCvsPixelsWhereverAPixelLies) {
  AffineWarper warper;
  cv::Mat source(40, 50, CV_8UC3), ours, right;
  cv::randu(source, 0, 256);
  for (float shift = -3; shift < 3; shift += 1.0F / 128)
    for (const float scale : {1.0F, -1.0F}) {
      const cv::Matx23f matrix(scale, 0, shift, 0, scale, -2 * shift);
      warper.warp(source, matrix, source.size(), AffineWarper::Beyond::edge, ours);
      cv::warpAffine(source, right, matrix, source.size(), cv::INTER_LINEAR, cv::BORDER_REPLICATE);
      ASSERT_EQ(bytes_apart(ours, right), 0) << scale << ", " << shift;
    }
}

TEST(AffineWarper, AMatrixWithoutAnInverseShowsOnePoint) {
  AffineWarper warper;
  cv::Mat source(8, 9, CV_8UC1, cv::Scalar(7)), ours, right;
  const cv::Matx23f flat(1, 2, 3, 2, 4, 5);
  warper.warp(source, flat, {4, 4}, AffineWarper::Beyond::black, ours);
  cv::warpAffine(source, right, flat, {4, 4});
  EXPECT_EQ(bytes_apart(ours, right), 0);
}

TEST(AffineWarper, UsesMemoryAgain) {
  AffineWarper warper;
  const cv::Mat source(8, 9, CV_8UC3, cv::Scalar::all(7));
  cv::Mat to(5, 6, CV_8UC3);
  const void* const memory = to.data;
  warper.warp(source, cv::Matx23f::eye(), to.size(), AffineWarper::Beyond::black, to);
  EXPECT_EQ(to.data, memory);
}

TEST(AffineWarper, TakesNoOtherPictures) {
  AffineWarper warper;
  cv::Mat to;
  EXPECT_THROW(warper.warp(cv::Mat(), cv::Matx23f::eye(), {4, 4}, AffineWarper::Beyond::black, to), cv::Exception);
  EXPECT_THROW(warper.warp(cv::Mat(4, 4, CV_32F), cv::Matx23f::eye(), {4, 4}, AffineWarper::Beyond::black, to),
               cv::Exception);
}

}  // namespace
}  // namespace faceauth::vision
