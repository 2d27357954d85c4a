#include <faceauth/limits.h>
#include <faced/vision/image_file.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/support/built.h>
#include <chrono>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <string_view>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

using std::chrono::steady_clock;

class ImageFile : public ::testing::Test {
 protected:
  Picture read(std::span<const std::uint8_t> bytes) { return read_image(open_file(dir_.put("picture", bytes)).get()); }

  // The reason for refusing, within a time that no honest refusal needs.
  void expect_refused(const Picture& picture, FaceIssue issue, const char* what) {
    ASSERT_FALSE(picture) << what;
    EXPECT_EQ(picture.error(), issue) << what;
  }
  void TearDown() override { EXPECT_LT(steady_clock::now() - started_, std::chrono::seconds(5)); }

  TempDir dir_;
  steady_clock::time_point started_ = steady_clock::now();
};

cv::Mat gradient(int width, int height) {
  cv::Mat picture(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      picture.at<cv::Vec3b>(y, x) =
          cv::Vec3b(static_cast<uchar>(x * 200 / width), static_cast<uchar>(y * 200 / height), 90);
  return picture;
}

TEST_F(ImageFile, ReadsEveryKnownKind) {
  const cv::Mat picture = gradient(80, 60);
  for (const char* kind : {".jpg", ".png", ".bmp", ".webp", ".ppm"}) {
    const Picture read_back = read(encoded(picture, kind));
    ASSERT_TRUE(read_back) << kind;
    ASSERT_EQ(read_back->size(), picture.size()) << kind;
    EXPECT_LT(cv::norm(*read_back, picture, cv::NORM_INF), 24) << kind;
  }
}

TEST_F(ImageFile, GreyBecomesColour) {
  cv::Mat grey;
  cv::cvtColor(gradient(80, 60), grey, cv::COLOR_BGR2GRAY);
  for (const char* kind : {".jpg", ".png", ".pgm"}) {
    const Picture read_back = read(encoded(grey, kind));
    ASSERT_TRUE(read_back) << kind;
    EXPECT_EQ(read_back->type(), CV_8UC3) << kind;
  }
}

TEST_F(ImageFile, ExifTurnsThePictureUpright) {
  Blob jpeg = encoded(gradient(80, 60), ".jpg");
  const Blob app1 = {0xFF, 0xE1, 0,    34, 'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0, 0, 0,
                     1,    0,    0x12, 1,  3,   0,   1,   0,   0, 0, 6,   0,   0,  0, 0, 0, 0, 0};
  jpeg.insert(jpeg.begin() + 2, app1.begin(), app1.end());
  const Picture turned = read(jpeg);
  ASSERT_TRUE(turned);
  EXPECT_EQ(turned->size(), cv::Size(60, 80));
}

TEST_F(ImageFile, TruncatedFilesAreUnreadable) {
  cv::Mat noisy = gradient(320, 240);
  cv::randu(noisy, 0, 255);
  for (const char* kind : {".jpg", ".png", ".bmp", ".webp", ".ppm"}) {
    const Blob whole = encoded(noisy, kind);
    for (const std::size_t part : {std::size_t{1}, std::size_t{20}, whole.size() / 2, whole.size() * 9 / 10})
      expect_refused(read(std::span(whole).first(part)), FaceIssue::unreadable, kind);
  }
  const Blob jpeg = encoded(noisy, ".jpg");
  expect_refused(read(std::span(jpeg).first(jpeg.size() - 2)), FaceIssue::unreadable, "jpeg without its end");
  expect_refused(read({}), FaceIssue::unreadable, "empty");
}

TEST_F(ImageFile, DamagedJpegNeverCrashes) {
  const Blob whole = encoded(gradient(160, 120), ".jpg");
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    Blob damaged = whole;
    damaged[at] ^= 0x5A;
    const Picture picture = read(damaged);
    EXPECT_TRUE(!picture || !picture->empty());
  }
}

// Headers that promise 20,000 x 20,000 pixels, with nothing or little behind them.
TEST_F(ImageFile, HugePicturesAreRefusedBeforeDecoding) {
  Blob png = encoded(gradient(8, 8), ".png");
  png[18] = png[22] = 0x4E;  // 20,000 = 0x4E20
  png[19] = png[23] = 0x20;
  expect_refused(read(png), FaceIssue::too_large, "png");

  Blob bmp = encoded(gradient(8, 8), ".bmp");
  bmp[18] = bmp[22] = 0x20;
  bmp[19] = bmp[23] = 0x4E;
  expect_refused(read(bmp), FaceIssue::too_large, "bmp");

  Blob jpeg = encoded(gradient(8, 8), ".jpg");
  for (std::size_t i = 0; i + 9 < jpeg.size(); ++i)
    if (jpeg[i] == 0xFF && jpeg[i + 1] == 0xC0) {
      jpeg[i + 5] = jpeg[i + 7] = 0x4E;
      jpeg[i + 6] = jpeg[i + 8] = 0x20;
      break;
    }
  expect_refused(read(jpeg), FaceIssue::too_large, "jpeg");

  const std::string ppm = "P6 20000 20000 255\n";
  expect_refused(read(Blob(ppm.begin(), ppm.end())), FaceIssue::too_large, "ppm");
  const std::string overflow = "P6 99999999999999999999 99999999999999999999 255\n";
  EXPECT_FALSE(read(Blob(overflow.begin(), overflow.end())));

  const Blob vp8x = {'R', 'I', 'F', 'F', 22, 0, 0, 0, 'W', 'E',  'B',  'P', 'V',  'P',  '8',
                     'X', 10,  0,   0,   0,  0, 0, 0, 0,   0x1F, 0x4E, 0,   0x1F, 0x4E, 0};
  expect_refused(read(vp8x), FaceIssue::too_large, "webp");
}

TEST_F(ImageFile, ExactBoundsHold) {
  const PictureBounds bounds{80, 80 * 60};
  for (const char* kind : {".jpg", ".png"}) {
    EXPECT_TRUE(decode_picture(encoded(gradient(80, 60), kind), bounds)) << kind;
    expect_refused(decode_picture(encoded(gradient(81, 59), kind), bounds), FaceIssue::too_large, kind);
    expect_refused(decode_picture(encoded(gradient(80, 61), kind), bounds), FaceIssue::too_large, kind);
  }
}

TEST_F(ImageFile, OtherFilesAreUnreadable) {
  const std::string text = "#!/bin/sh\necho hello\n", pam = "P7\nWIDTH 4\n", gif = "GIF89a\1\0\1\0\0\0\0;";
  for (const std::string& bytes : {text, pam, gif})
    expect_refused(read(Blob(bytes.begin(), bytes.end())), FaceIssue::unreadable, bytes.c_str());
  expect_refused(read(bytes_of(test::built::model("fr_detect.onnx"))), FaceIssue::unreadable, "a model");
  Blob animated = encoded(gradient(8, 8), ".webp");
  const Blob vp8x = {'V', 'P', '8', 'X', 10, 0, 0, 0, 0x02, 0, 0, 0, 7, 0, 0, 7, 0, 0};
  animated.insert(animated.begin() + 12, vp8x.begin(), vp8x.end());
  expect_refused(read(animated), FaceIssue::unreadable, "animated webp");
}

// Grey, colour, with transparency, 16 bits deep, lossy and not: as OpenCV, which evaluations read with, decodes them.
TEST_F(ImageFile, PixelsAreThoseOpenCvReads) {
  cv::Mat noisy = gradient(83, 61), grey, clear, deep;
  cv::Mat noise(noisy.size(), CV_8UC3);
  cv::randu(noise, 0, 40);
  noisy += noise;
  cv::cvtColor(noisy, grey, cv::COLOR_BGR2GRAY);
  cv::cvtColor(noisy, clear, cv::COLOR_BGR2BGRA);
  clear.forEach<cv::Vec4b>([](cv::Vec4b& pixel, const int* at) { pixel[3] = static_cast<uchar>(at[1]); });
  noisy.convertTo(deep, CV_16UC3, 257);
  for (const cv::Mat& picture : {noisy, grey, clear, deep})
    for (const char* kind : {".png", ".bmp", ".ppm", ".webp"}) {
      if (picture.depth() != CV_8U && kind != std::string_view(".png")) continue;
      if (picture.channels() != 3 && kind == std::string_view(".ppm")) continue;
      const Blob file = encoded(picture, kind);
      const Picture ours = read(file);
      ASSERT_TRUE(ours) << kind << picture.channels();
      const double most = kind == std::string_view(".webp") ? 16 : picture.depth() == CV_16U ? 1 : 0;
      EXPECT_LE(cv::norm(*ours, cv::imdecode(file, cv::IMREAD_COLOR), cv::NORM_INF), most)
          << kind << " with " << picture.channels() << " channels of type " << picture.type();
    }
}

TEST_F(ImageFile, DamagedPngsAreUnreadable) {
  const Blob whole = encoded(gradient(80, 60), ".png");
  const Picture undamaged = read(whole);
  ASSERT_TRUE(undamaged);
  int refused = 0;
  for (std::size_t at = 33; at + 12 < whole.size(); at += 17) {
    Blob damaged = whole;
    damaged[at] ^= 0x5A;
    const Picture picture = read(damaged);
    refused += picture ? 0 : 1;
    if (picture) {
      EXPECT_EQ(cv::norm(*picture, *undamaged, cv::NORM_INF), 0) << at;
    }
  }
  EXPECT_GT(refused, 10);
}

TEST_F(ImageFile, ExifTurnsAPngUpright) {
  Blob png = encoded(gradient(80, 60), ".png");
  // The checksum is that of the chunk's name and content.
  const Blob exif = {0, 0, 0, 26, 'e', 'X', 'I', 'f', 'I', 'I', 42, 0, 8, 0, 0, 0,    1,    0,    0x12,
                     1, 3, 0, 1,  0,   0,   0,   6,   0,   0,   0,  0, 0, 0, 0, 0xB7, 0x48, 0x11, 0x29};
  png.insert(png.begin() + 33, exif.begin(), exif.end());
  const Picture turned = read(png);
  ASSERT_TRUE(turned);
  EXPECT_EQ(turned->size(), cv::Size(60, 80));
}

TEST_F(ImageFile, OnlyRegularFilesAreRead) {
  expect_refused(read_image(open_file("/dev/zero").get()), FaceIssue::unreadable, "/dev/zero");
  expect_refused(read_image(open_file("/tmp").get()), FaceIssue::unreadable, "directory");
  expect_refused(read_image(-1), FaceIssue::unreadable, "closed");
  ASSERT_EQ(::mkfifo(dir_.path("fifo").c_str(), 0600), 0);
  const Fd fifo(::open(dir_.path("fifo").c_str(), O_RDWR | O_CLOEXEC));
  expect_refused(read_image(fifo.get()), FaceIssue::unreadable, "fifo");
  const Fd write_only(::open(dir_.path("closed").c_str(), O_CREAT | O_WRONLY, 0600));
  ASSERT_EQ(::write(write_only.get(), "\xFF\xD8\xFF", 3), 3);
  expect_refused(read_image(write_only.get()), FaceIssue::unreadable, "not open for reading");
}

TEST_F(ImageFile, TooManyBytesAreTooLarge) {
  const Fd sparse(::open(dir_.path("sparse").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  ASSERT_EQ(::ftruncate(sparse.get(), static_cast<off_t>(limits::kImageBytesMax) + 1), 0);
  expect_refused(read_image(sparse.get()), FaceIssue::too_large, "sparse file");
}

TEST_F(ImageFile, TheFilePositionDoesNotMatter) {
  const Fd file = open_file(dir_.put("picture", encoded(gradient(80, 60), ".jpg")));
  ASSERT_GT(::lseek(file.get(), 0, SEEK_END), 0);
  EXPECT_TRUE(read_image(file.get()));
  EXPECT_TRUE(read_image(file.get()));
}

}  // namespace
}  // namespace faceauth::vision
