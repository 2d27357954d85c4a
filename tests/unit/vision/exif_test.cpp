#include <faced/vision/exif.h>
#include <gtest/gtest.h>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

Blob app1(bool little, std::uint8_t orientation) {
  if (little)
    return {'E', 'x', 'i',  'f', 0, 0, 'I', 'I', 42, 0, 8,           0, 0, 0,
            1,   0,   0x12, 1,   3, 0, 1,   0,   0,  0, orientation, 0, 0, 0};
  return {'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0};
}

TEST(Exif, ReadsBothByteOrders) {
  EXPECT_EQ(exif_orientation(app1(true, 6)), 6);
  EXPECT_EQ(exif_orientation(app1(false, 8)), 8);
}

TEST(Exif, NonsenseMeansUpright) {
  EXPECT_EQ(exif_orientation({}), 1);
  EXPECT_EQ(exif_orientation(app1(true, 9)), 1);
  Blob far_away = app1(true, 6);
  far_away[10] = 0xFF;
  far_away[11] = far_away[12] = far_away[13] = 0xFF;
  EXPECT_EQ(exif_orientation(far_away), 1);
  const Blob whole = app1(true, 6);
  for (std::size_t n = 0; n < 20; ++n) EXPECT_EQ(exif_orientation(std::span(whole).first(n)), 1) << n;
}

TEST(Exif, EveryOrientationPutsTheCornerBack) {
  // Where the stored picture's top left pixel belongs in the upright one: row, column of the bottom or right end.
  const struct {
    int orientation;
    bool bottom, right;
  } cases[] = {{1, false, false}, {2, false, true}, {3, true, true}, {4, true, false},
               {5, false, false}, {6, false, true}, {7, true, true}, {8, true, false}};
  for (const auto& c : cases) {
    cv::Mat stored(2, 3, CV_8UC3, cv::Scalar::all(0));
    stored.at<cv::Vec3b>(0, 0) = {9, 9, 9};
    const cv::Mat out = upright(stored, c.orientation);
    ASSERT_EQ(out.rows, c.orientation >= 5 ? 3 : 2);
    EXPECT_EQ(out.at<cv::Vec3b>(c.bottom ? out.rows - 1 : 0, c.right ? out.cols - 1 : 0)[0], 9) << c.orientation;
  }
}

}  // namespace
}  // namespace faceauth::vision
