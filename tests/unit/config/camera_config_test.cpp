// What the configuration says of cameras' kinds, and of a second one.
#include <faced/config/config.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <tests/unit/config/parsed.h>

namespace faceauth {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CameraConfig, AColorCameraIsWantedUnlessAnotherIsAskedFor) {
  EXPECT_EQ(loaded("").config.camera.kind, CameraKind::color);
  EXPECT_EQ(loaded("[camera]\nkind = \"any\"").config.camera.kind, CameraKind::any);
  EXPECT_EQ(loaded("[camera]\nkind = \"infrared\"\n[liveness]\nmode = \"active\"").config.camera.kind,
            CameraKind::infrared);
  EXPECT_THAT(refused("[camera]\nkind = \"ir\"").message, HasSubstr("\"any\", \"color\", \"infrared\""));
}

TEST(CameraConfig, TheSecondCameraIsInfraredAndHasPinsOfItsOwn) {
  const Config c = loaded(R"(
[camera]
device = "/dev/video0"
bus = "usb-1"
serial = "1"
removable = "refuse"
templates = "same"
infrared = "/dev/v4l/by-path/x"
infrared_driver = "uvcvideo"
infrared_bus = "usb-2"
infrared_usb_id = "04f2:b6d9"
infrared_serial = "2"
[match]
cameras = "both"
)")
                       .config;
  EXPECT_EQ(c.cameras_asked(), 2U);
  EXPECT_EQ(c.camera_at(0).bus, "usb-1");
  const CameraPolicy& second = c.camera_at(1);
  EXPECT_EQ(second.device, "/dev/v4l/by-path/x");
  EXPECT_EQ(second.kind, CameraKind::infrared);
  EXPECT_EQ(second.driver, "uvcvideo");
  EXPECT_EQ(second.bus, "usb-2");
  EXPECT_EQ(second.usb_id, "04f2:b6d9");
  EXPECT_EQ(second.serial, "2");
  EXPECT_FALSE(second.removable_allowed) << "the rest is as for the first";
  EXPECT_TRUE(second.same_as_enrolled);

  const Config unpinned =
      loaded("[camera]\nbus = \"usb-1\"\ninfrared = \"/dev/video2\"\n[match]\ncameras = \"both\"").config;
  EXPECT_EQ(unpinned.camera_at(1).bus, "") << "the first one's port is not its own";
}

TEST(CameraConfig, WithoutASecondCameraThereIsOne) {
  for (const char* text : {"", "[camera]\ninfrared = \"\"", "[match]\ncameras = \"first\""}) {
    EXPECT_EQ(loaded(text).config.cameras_asked(), 1U) << text;
    EXPECT_FALSE(loaded(text).config.infrared) << text;
    EXPECT_THAT(loaded(text).warnings, IsEmpty()) << text;
  }
}

TEST(CameraConfig, WhatDoesNotGoTogetherIsRefused) {
  const struct {
    const char *text, *says;
  } table[] = {
      {"[match]\ncameras = \"both\"", "names no camera"},
      {"[match]\ncameras = \"all\"", "match.cameras"},
      {"[camera]\nkind = \"any\"\ninfrared = \"/dev/video2\"\n[match]\ncameras = \"both\"", "camera.kind = \"color\""},
      {"[camera]\ninfrared = \"auto\"", "camera.infrared"},
      {"[camera]\ninfrared = \"video2\"", "camera.infrared"},
      {"[camera]\ninfrared = \"replay:/c.mp4\"", "camera.infrared is a replay source"},
      {"[camera]\ninfrared_usb_id = \"4F2:1\"", "camera.infrared_usb_id"},
      {"[camera]\nkind = \"infrared\"", "nothing judges whether a face is live"},
      {"[camera]\nkind = \"infrared\"\n[liveness]\nmode = \"passive\"", "nothing judges whether a face is live"},
  };
  for (const auto& row : table) EXPECT_THAT(refused(row.text).message, HasSubstr(row.says)) << row.text;
}

TEST(CameraConfig, WhatIsWeakOrUnusedIsTold) {
  EXPECT_THAT(loaded("[camera]\nkind = \"infrared\"\n[liveness]\nmode = \"active\"").warnings,
              ElementsAre(HasSubstr("never measured in infrared")));
  EXPECT_THAT(loaded("[camera]\ninfrared = \"/dev/video2\"").warnings, ElementsAre(HasSubstr("is not used")));
}

}  // namespace
}  // namespace faceauth
