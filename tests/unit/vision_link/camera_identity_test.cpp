#include <faced/vision_link/camera_identity.h>

#include <gtest/gtest.h>
#include <tests/unit/support/temp_dir.h>

#include <filesystem>
#include <set>

namespace faceauth {
namespace {

const CameraIdentity kBuiltIn{
    .driver = "uvcvideo", .bus = "usb-0000:00:14.0-6", .usb_id = "04f2:b6d9", .serial = "0001"};

std::optional<Error> refused(const CameraIdentity& identity, const CameraPolicy& policy, bool lid_closed = false) {
  return refusal_of("/dev/video0", identity, policy, lid_closed);
}

TEST(CameraPolicy, WithoutPinsEveryRealCameraWillDo) { EXPECT_FALSE(refused(kBuiltIn, {})); }

TEST(CameraPolicy, EveryPinHoldsAndSaysWhatItFound) {
  const CameraPolicy all{.driver = "uvcvideo", .bus = "usb-0000:00:14.0-6", .usb_id = "04f2:b6d9", .serial = "0001"};
  EXPECT_FALSE(refused(kBuiltIn, all));
  const struct {
    const char* key;
    std::string CameraIdentity::*value;
    const char* other;
  } table[] = {{"driver", &CameraIdentity::driver, "gspca_main"},
               {"bus", &CameraIdentity::bus, "usb-0000:00:14.0-2"},
               {"usb_id", &CameraIdentity::usb_id, "046d:0825"},
               {"serial", &CameraIdentity::serial, ""}};
  for (const auto& row : table) {
    CameraIdentity other = kBuiltIn;
    other.*row.value = row.other;
    const std::optional<Error> error = refused(other, all);
    ASSERT_TRUE(error) << row.key;
    EXPECT_EQ(error->code, Errc::not_permitted);
    EXPECT_NE(error->message.find(std::string("camera.") + row.key), std::string::npos) << error->message;
    EXPECT_NE(error->message.find('"' + std::string(row.other) + '"'), std::string::npos) << error->message;
  }
}

TEST(CameraPolicy, AVirtualCameraIsRefusedWhateverItClaimsToBe) {
  CameraIdentity forged = kBuiltIn;
  forged.is_virtual = true;
  const std::optional<Error> error = refused(forged, {});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::not_permitted);
  EXPECT_FALSE(refused(forged, {.allow_replay = true}));
  EXPECT_TRUE(refused(forged, {.allow_replay = true, .serial = "0002"})) << "a pin holds for it, too";
}

TEST(CameraPolicy, WhatWasPluggedInCanBeRefused) {
  CameraIdentity plugged = kBuiltIn;
  plugged.removable = true;
  EXPECT_FALSE(refused(plugged, {}));
  EXPECT_TRUE(refused(plugged, {.removable_allowed = false}));
  EXPECT_FALSE(refused(kBuiltIn, {.removable_allowed = false}));
}

TEST(CameraPolicy, WhatMayHaveBeenPluggedInIsRefusedWithItAndSaysWhy) {
  CameraIdentity perhaps = kBuiltIn;
  perhaps.perhaps_removable = true;
  EXPECT_FALSE(refused(perhaps, {}));
  const std::optional<Error> error = refused(perhaps, {.removable_allowed = false});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::not_permitted);
  EXPECT_NE(error->message.find("does not say that its port is fixed"), std::string::npos) << error->message;
  EXPECT_NE(error->message.find("camera.bus"), std::string::npos) << error->message;
  EXPECT_TRUE(refused(perhaps, {}, true)) << "most built-in ones are such: below a closed lid it is left alone";
}

TEST(CameraPolicy, BelowAClosedLidOnlyABuiltInCameraIsLeftAlone) {
  const std::optional<Error> error = refused(kBuiltIn, {}, true);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::camera_unavailable);
  CameraIdentity on_the_dock = kBuiltIn;
  on_the_dock.removable = true;
  EXPECT_FALSE(refused(on_the_dock, {}, true));
}

TEST(CameraIdentity, IsReadFromTheUsbDeviceAboveTheInterface) {
  const test::TempDir dir;
  const std::string device = dir.path() + "/usb1/1-6", interface = device + "/1-6:1.0";
  std::filesystem::create_directories(interface);
  for (const auto& [name, value] :
       {std::pair{"idVendor", "04f2\n"}, {"idProduct", "b6d9\n"}, {"serial", "0001\n"}, {"removable", "removable\n"}})
    (void)dir.write(std::string("usb1/1-6/") + name, value);
  CameraIdentity identity;
  read_usb_identity(interface, identity);
  EXPECT_EQ(identity.usb_id, "04f2:b6d9");
  EXPECT_EQ(identity.serial, "0001");
  EXPECT_TRUE(identity.removable);

  CameraIdentity none;
  read_usb_identity(dir.path() + "/platform", none);
  EXPECT_EQ(none.usb_id, "");
  EXPECT_FALSE(none.removable);
}

TEST(CameraIdentity, IsAsFixedAsTheLeastFixedPortOnTheWay) {
  const struct {
    const char *bridge, *hub, *camera;  // nothing: there is no such file
    bool removable, perhaps;
  } table[] = {{nullptr, "fixed", "fixed", false, false},    {nullptr, "fixed", "removable", true, true},
               {nullptr, "removable", "fixed", true, true},  {nullptr, "fixed", "unknown", false, true},
               {nullptr, "unknown", "fixed", false, true},   {nullptr, "fixed", nullptr, false, true},
               {"removable", "fixed", "fixed", true, false}, {"unknown", "fixed", "fixed", false, false}};
  for (const auto& row : table) {
    const test::TempDir dir;
    const std::string controller = "pci/", root_hub = controller + "usb1/", hub = root_hub + "1-6/";
    const std::string camera = hub + "1-6.2/", interface = dir.path() + "/" + camera + "1-6.2:1.0";
    std::filesystem::create_directories(interface);
    for (const std::string& usb : {root_hub, hub, camera})
      (void)dir.write(usb + "idVendor", usb == camera ? "04f2\n" : "1d6b\n");
    (void)dir.write(root_hub + "removable", "unknown\n");
    for (const auto& [where, word] : {std::pair{controller, row.bridge}, {hub, row.hub}, {camera, row.camera}})
      if (word != nullptr) (void)dir.write(where + "removable", std::string(word) + '\n');
    CameraIdentity identity;
    read_usb_identity(interface, identity);
    EXPECT_EQ(identity.usb_id.substr(0, 4), "04f2");
    EXPECT_EQ(identity.removable, row.removable) << row.hub;
    EXPECT_EQ(identity.perhaps_removable, row.perhaps) << row.hub;
  }
}

TEST(CameraIdentity, TheMarkTellsCamerasApartAndStaysWithOneThatMoves) {
  CameraIdentity moved = kBuiltIn, other = kBuiltIn, nameless = kBuiltIn;
  moved.bus = "usb-0000:00:14.0-2";
  other.serial = "0002";
  nameless.serial.clear();
  CameraIdentity nameless_elsewhere = nameless;
  nameless_elsewhere.bus = moved.bus;
  EXPECT_EQ(camera_mark(kBuiltIn), camera_mark(moved));
  const std::set<std::string> marks{camera_mark(kBuiltIn), camera_mark(other), camera_mark(nameless),
                                    camera_mark(nameless_elsewhere), camera_mark({.driver = "ipu6", .bus = "pci"})};
  EXPECT_EQ(marks.size(), 5U);
  for (const std::string& mark : marks) EXPECT_EQ(mark.size(), 9U);
}

TEST(CameraIdentity, IsDescribedForPeople) {
  EXPECT_EQ(describe("/dev/video0", kBuiltIn), "/dev/video0 (uvcvideo, usb-0000:00:14.0-6, 04f2:b6d9 0001, fixed)");
}

}  // namespace
}  // namespace faceauth
