#include <faced/vision/picture_writer.h>
#include <faced/vision_link/picture_memory.h>

#include <faceauth/picture.h>

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

namespace faceauth::vision {
namespace {

struct Seen {
  picture::Header header;
  std::vector<std::uint8_t> first_pixel = std::vector<std::uint8_t>(3);
};

Seen look(const Fd& memory) {
  Seen seen;
  EXPECT_EQ(::pread(memory.get(), &seen.header, sizeof seen.header, 0), ssize_t{sizeof seen.header});
  EXPECT_EQ(::pread(memory.get(), seen.first_pixel.data(), 3, picture::kPixelsAt), 3);
  return seen;
}

TEST(PictureWriter, ShowsAThumbnailInRedGreenBlue) {
  const Result<PictureMemory> memory = make_picture_memory();
  ASSERT_TRUE(memory);
  PictureWriter writer(memory->to_write);
  writer.show(cv::Mat(480, 640, CV_8UC3, cv::Scalar(10, 20, 30)));
  const Seen seen = look(memory->to_read);
  EXPECT_EQ(seen.header.stamp, 2U) << "even: whole";
  EXPECT_EQ(seen.header.width, 320U);
  EXPECT_EQ(seen.header.height, 240U);
  EXPECT_EQ(seen.header.source_width, 640U);
  EXPECT_EQ(seen.first_pixel, (std::vector<std::uint8_t>{30, 20, 10}));
  writer.show(cv::Mat(480, 640, CV_8UC3, cv::Scalar(0, 0, 0)));
  EXPECT_EQ(look(memory->to_read).header.stamp, 4U);
}

TEST(PictureWriter, NoShapeOfFrameLeavesTheMemory) {
  const Result<PictureMemory> memory = make_picture_memory();
  ASSERT_TRUE(memory);
  PictureWriter writer(memory->to_write);
  for (const cv::Size size : {cv::Size(4096, 1), cv::Size(1, 4096), cv::Size(4096, 4096), cv::Size(1, 1)}) {
    writer.show(cv::Mat(size, CV_8UC3, cv::Scalar(1, 2, 3)));
    const picture::Header header = look(memory->to_read).header;
    EXPECT_TRUE(header.width >= 1 && header.width <= picture::kSideMax) << size;
    EXPECT_TRUE(header.height >= 1 && header.height <= picture::kSideMax) << size;
  }
}

TEST(PictureWriter, WhatIsNoPictureOrNoMemoryShowsNothing) {
  const Result<PictureMemory> memory = make_picture_memory();
  ASSERT_TRUE(memory);
  PictureWriter writer(memory->to_write);
  writer.show(cv::Mat());
  writer.show(cv::Mat(4, 4, CV_8UC1));
  EXPECT_EQ(look(memory->to_read).header.stamp, 0U);
  PictureWriter nowhere{Fd()};
  nowhere.show(cv::Mat(4, 4, CV_8UC3));
  PictureWriter reading(memory->to_read);  // a descriptor that may not be written
  reading.show(cv::Mat(4, 4, CV_8UC3));
  EXPECT_EQ(look(memory->to_read).header.stamp, 0U);
}

}  // namespace
}  // namespace faceauth::vision
