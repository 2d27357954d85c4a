// Which kind of camera an opened descriptor is, by what its driver offers (tests/support/fakev4l2.c).
#include <faced/vision_link/camera.h>
#include <faced/vision_link/camera_identity.h>

#include <gtest/gtest.h>
#include <linux/videodev2.h>
#include <tests/unit/support/temp_dir.h>

#include <array>
#include <cstdlib>
#include <string>

namespace faceauth {
namespace {

// A device that offers these formats, for as long as it lives.
class Offering {
 public:
  explicit Offering(const char* format, const char* also = nullptr) {
    ::setenv("FAKEV4L2_DEV", kPath, 1);
    ::setenv("FAKEV4L2_FORMAT", format, 1);
    if (also != nullptr) ::setenv("FAKEV4L2_ALSO", also, 1);
  }
  Offering(const Offering&) = delete;
  Offering& operator=(const Offering&) = delete;
  ~Offering() {
    for (const char* name : {"FAKEV4L2_DEV", "FAKEV4L2_FORMAT", "FAKEV4L2_ALSO"}) ::unsetenv(name);
  }
  static constexpr const char* kPath = "/dev/video-fake";
};

Result<OpenedCamera> opened(CameraKind kind) {
  return open_camera({.device = Offering::kPath, .kind = kind, .allow_replay = true});
}

TEST(CameraKind, GreyFormatsAloneMakeAnInfraredCamera) {
  const std::array grey{V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_Y10, V4L2_PIX_FMT_Y16};
  EXPECT_EQ(modality_of(grey), Modality::infrared);
  EXPECT_EQ(modality_of(std::array{V4L2_PIX_FMT_Y8I}), Modality::infrared) << "one that is never read";
  EXPECT_EQ(modality_of(std::array{V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_YUYV}), Modality::color);
  EXPECT_EQ(modality_of(std::array{V4L2_PIX_FMT_MJPEG}), Modality::color);
  EXPECT_EQ(modality_of({}), Modality::color);
}

TEST(CameraKind, AColorCameraIsWantedUnlessAnotherIsAskedFor) {
  const Offering camera("MJPG", "GREY");
  const Result<OpenedCamera> color = opened(CameraKind::color);
  ASSERT_TRUE(color) << color.error().message;
  EXPECT_EQ(color->modality, Modality::color);
  EXPECT_TRUE(opened(CameraKind::any));
  const Result<OpenedCamera> infrared = opened(CameraKind::infrared);
  ASSERT_FALSE(infrared);
  EXPECT_EQ(infrared.error().code, Errc::not_permitted);
  EXPECT_NE(infrared.error().message.find("is a color camera"), std::string::npos) << infrared.error().message;
}

TEST(CameraKind, AnInfraredCameraIsNotTakenForAColorOne) {
  for (const char* format : {"GREY", "Y10 ", "Y16 "}) {
    const Offering camera(format);
    const Result<OpenedCamera> color = opened(CameraKind::color);
    ASSERT_FALSE(color) << format;
    EXPECT_EQ(color.error().code, Errc::not_permitted);
    EXPECT_NE(color.error().message.find("camera.kind"), std::string::npos) << color.error().message;
    for (const CameraKind kind : {CameraKind::infrared, CameraKind::any}) {
      const Result<OpenedCamera> infrared = opened(kind);
      ASSERT_TRUE(infrared) << infrared.error().message;
      EXPECT_EQ(infrared->modality, Modality::infrared);
      EXPECT_NE(infrared->description.find(", infrared)"), std::string::npos) << infrared->description;
    }
  }
}

TEST(CameraKind, AReplaySourceIsWhatItIsAskedForAs) {
  const test::TempDir dir;
  (void)dir.write("0.jpg", "x");
  const std::string device = "replay:" + dir.path() + "/%d.jpg";
  for (const CameraKind kind : {CameraKind::color, CameraKind::any, CameraKind::infrared}) {
    const Result<OpenedCamera> camera = open_camera({.device = device, .kind = kind, .allow_replay = true});
    ASSERT_TRUE(camera);
    EXPECT_EQ(camera->modality == Modality::infrared, kind == CameraKind::infrared);
  }
}

TEST(CameraKind, ThePinsOfTheSecondCameraAreCalledByTheirKeys) {
  const std::optional<Error> refused =
      refusal_of("/dev/video2", {.bus = "usb-2", .modality = Modality::infrared},
                 {.kind = CameraKind::infrared, .second = true, .bus = "usb-1"}, false);
  ASSERT_TRUE(refused);
  EXPECT_NE(refused->message.find("camera.infrared_bus"), std::string::npos) << refused->message;
}

}  // namespace
}  // namespace faceauth
