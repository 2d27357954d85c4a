#include <faced/vision_link/camera.h>
#include <faced/vision_link/camera_choice.h>
#include <faced/vision_link/camera_survey.h>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

extern "C" int fakev4l2_opened(void);

namespace faceauth {
namespace {

using Order = std::vector<std::size_t>;

const CameraIdentity kBuiltIn{.driver = "uvcvideo", .bus = "usb-1", .usb_id = "04f2:b6d9", .serial = "0001"};
const CameraIdentity kInfrared{
    .driver = "uvcvideo", .bus = "usb-1", .usb_id = "04f2:b6da", .serial = "0002", .modality = Modality::infrared};
const CameraIdentity kDocked{
    .driver = "uvcvideo", .bus = "usb-7", .usb_id = "046d:0825", .serial = "AB12", .removable = true};
const CameraIdentity kLoopback{.driver = "v4l2 loopback", .bus = "platform:0", .is_virtual = true};

Order order_of(std::vector<const CameraIdentity*> cameras, const CameraWishes& wishes = {}) {
  return order_of_cameras(cameras, wishes);
}

TEST(CameraChoice, BuiltInBeforePluggedInBeforeVirtualWhateverTheirNumbers) {
  EXPECT_EQ(order_of({&kLoopback, &kDocked, &kBuiltIn}), (Order{2, 1, 0}));
  EXPECT_EQ(order_of({&kBuiltIn, &kBuiltIn}), (Order{0, 1})) << "then by number";
  EXPECT_EQ(order_of({}), Order{});
}

TEST(CameraChoice, InfraredComesFirstOnlyWhereItIsWanted) {
  EXPECT_EQ(order_of({&kInfrared, &kDocked, &kBuiltIn}), (Order{2, 1, 0}));
  EXPECT_EQ(order_of({&kBuiltIn, &kDocked, &kInfrared}, {.remembered = "", .infrared_first = true}), (Order{2, 0, 1}));
}

TEST(CameraChoice, TheRememberedOneIsFoundAgainElsewhere) {
  const CameraWishes wishes{.remembered = camera_mark(kDocked), .infrared_first = true};
  CameraIdentity replugged = kDocked;
  replugged.bus = "usb-3";
  EXPECT_EQ(order_of({&kInfrared, &kBuiltIn, &replugged}, wishes), (Order{2, 0, 1}));
  EXPECT_EQ(order_of({&kBuiltIn, &kLoopback}, wishes), (Order{0, 1})) << "undocked: the others as ever";
}

// The fake camera answers for this path alone.
class OneCamera {
 public:
  OneCamera() { ::setenv("FAKEV4L2_DEV", "/dev/video42", 1); }
  OneCamera(const OneCamera&) = delete;
  OneCamera& operator=(const OneCamera&) = delete;
  ~OneCamera() {
    for (const char* name : {"FAKEV4L2_DEV", "FAKEV4L2_STREAM_EBUSY"}) ::unsetenv(name);
  }
};

// It is no character device of the kernel's video drivers, whatever it says of itself.
TEST(AutoCamera, WhatIsNoDeviceOfTheKernelsIsVirtual) {
  const OneCamera camera;
  const Fd fd(::open("/dev/video42", O_RDWR | O_CLOEXEC));
  const std::optional<CameraIdentity> identity = identify_camera(fd.get());
  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->is_virtual);
  const Result<OpenedCamera> named = open_camera({.device = "/dev/video42"});
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().code, Errc::not_permitted);
  EXPECT_THAT(named.error().message, testing::HasSubstr("is a virtual camera"));
  EXPECT_TRUE(open_camera({.device = "/dev/video42", .allow_replay = true}));
}

TEST(AutoCamera, TakesWhatMayBeTakenAndSaysWhatMayNot) {
  const OneCamera camera;
  const Result<OpenedCamera> taken = open_camera({.device = "auto", .allow_replay = true});
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->path, "/dev/video42");
  const Result<OpenedCamera> refused = open_camera({.device = "auto"});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("/dev/video42"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("is a virtual camera"), std::string::npos) << refused.error().message;
}

// Opening a device wakes it.
TEST(AutoCamera, OpensNoOtherWhileAllIsAsItWasWhenItChose) {
  const OneCamera camera;
  CameraPolicy policy{.device = "auto", .allow_replay = true};
  AutoChoice chosen;
  const auto opened_by = [&](const CameraWishes& wishes) {
    const int before = fakev4l2_opened();
    const Result<OpenedCamera> taken = open_camera(policy, false, wishes, &chosen);
    EXPECT_TRUE(taken && taken->path == "/dev/video42");
    return fakev4l2_opened() - before;
  };
  EXPECT_GT(opened_by({}), 1);
  EXPECT_EQ(opened_by({}), 1);
  EXPECT_GT(opened_by({.infrared_first = true}), 1) << "another wish may choose another";
  EXPECT_EQ(opened_by({.infrared_first = true}), 1);
  policy.removable_allowed = !policy.removable_allowed;
  EXPECT_GT(opened_by({.infrared_first = true}), 1) << "so may another policy";
  chosen.nodes += "one that was unplugged";
  EXPECT_GT(opened_by({.infrared_first = true}), 1);
  chosen.mark = "another camera's";
  EXPECT_GT(opened_by({.infrared_first = true}), 1) << "the node is another device's";
  EXPECT_EQ(opened_by({.infrared_first = true}), 1);
}

TEST(AutoCamera, ChecksTheChosenOneEachTime) {
  const OneCamera camera;
  const CameraPolicy policy{.device = "auto", .allow_replay = true}, strict{.device = "auto"};
  AutoChoice chosen;
  ASSERT_TRUE(open_camera(policy, false, {}, &chosen));
  ASSERT_EQ(chosen.path, "/dev/video42");
  chosen.policy = strict;  // as if what the policy says of it had changed
  EXPECT_FALSE(open_camera(strict, false, {}, &chosen));
  EXPECT_TRUE(chosen.path.empty()) << "nothing that was refused is kept";
  ASSERT_TRUE(open_camera(policy, false, {}, &chosen));
  ::unsetenv("FAKEV4L2_DEV");
  EXPECT_FALSE(open_camera(policy, false, {}, &chosen)) << "it is gone";
}

TEST(Survey, TellsWhatIsThereAndWhatALoginWouldOpen) {
  const OneCamera camera;
  const auto cameras = survey_cameras({.device = "auto", .allow_replay = true}, false, {}, "");
  ASSERT_EQ(cameras.size(), 1U);
  EXPECT_EQ(cameras[0].path, "/dev/video42");
  EXPECT_EQ(cameras[0].identity.name, "Fake camera");
  EXPECT_EQ(cameras[0].identity.formats.size(), 1U);
  EXPECT_TRUE(cameras[0].chosen);
  EXPECT_FALSE(cameras[0].refusal || cameras[0].streams_elsewhere || cameras[0].streams_here);
}

TEST(Survey, WhatTheConfigurationRefusesIsListedWithTheReason) {
  const OneCamera camera;
  const auto cameras = survey_cameras({.device = "auto"}, false, {}, "");
  ASSERT_EQ(cameras.size(), 1U);
  EXPECT_FALSE(cameras[0].chosen);
  ASSERT_TRUE(cameras[0].refusal);
  EXPECT_EQ(cameras[0].refusal->code, Errc::not_permitted);
}

TEST(Survey, SeesThatAnotherProgramStreamsButNotTheDaemonItself) {
  const OneCamera camera;
  ::setenv("FAKEV4L2_STREAM_EBUSY", "1", 1);
  const CameraPolicy policy{.device = "/dev/video42", .allow_replay = true};
  const auto elsewhere = survey_cameras(policy, false, {}, "");
  ASSERT_EQ(elsewhere.size(), 1U) << "named, and found by its number: one device";
  EXPECT_TRUE(elsewhere[0].streams_elsewhere && elsewhere[0].chosen);
  const auto here = survey_cameras(policy, false, {}, "/dev/video42");
  ASSERT_EQ(here.size(), 1U);
  EXPECT_TRUE(here[0].streams_here);
  EXPECT_FALSE(here[0].streams_elsewhere);
}

TEST(Survey, AReplaySourceIsListedAsWhatItIs) {
  const auto allowed = survey_cameras({.device = "replay:/x.mp4", .allow_replay = true}, false, {}, "");
  ASSERT_EQ(allowed.size(), 1U);
  EXPECT_TRUE(allowed[0].chosen && allowed[0].identity.is_virtual);
  const auto refused = survey_cameras({.device = "replay:/x.mp4"}, false, {}, "");
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_TRUE(refused[0].refusal && !refused[0].chosen);
}

}  // namespace
}  // namespace faceauth
