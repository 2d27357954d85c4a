#include <faced/vision_link/camera.h>

#include <faceauth/limits.h>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/unit/support/temp_dir.h>

namespace faceauth {
namespace {

CameraPolicy replay_of(const std::string& what, bool allow = true) { return {.device = what, .allow_replay = allow}; }

TEST(Camera, StillsAreTakenInOrderUpToTheFirstGap) {
  const test::TempDir dir;
  for (const char* name : {"f000.jpg", "f001.jpg", "f002.jpg", "f004.jpg"}) (void)dir.write(name, name);
  const Result<OpenedCamera> camera = open_camera(replay_of("replay:" + dir.path() + "/f%03d.jpg"));
  ASSERT_TRUE(camera) << camera.error().message;
  EXPECT_EQ(camera->source, eye::Source::stills);
  EXPECT_EQ(camera->files.size(), 3U);
}

TEST(Camera, NumberingMayStartAtOne) {
  const test::TempDir dir;
  (void)dir.write("1.png", "x");
  (void)dir.write("2.png", "x");
  const Result<OpenedCamera> camera = open_camera(replay_of("replay:" + dir.path() + "/%d.png"));
  ASSERT_TRUE(camera);
  EXPECT_EQ(camera->files.size(), 2U);
}

TEST(Camera, APathWithoutANumberIsAClip) {
  const test::TempDir dir;
  const std::string clip = dir.write("clip.mp4", "not looked at here");
  const Result<OpenedCamera> camera = open_camera(replay_of("replay:" + clip));
  ASSERT_TRUE(camera);
  EXPECT_EQ(camera->source, eye::Source::clip);
}

TEST(Camera, ReplayWithoutPermissionIsRefused) {
  const test::TempDir dir;
  const std::string clip = dir.write("clip.mp4", "x");
  const Result<OpenedCamera> camera = open_camera(replay_of("replay:" + clip, false));
  ASSERT_FALSE(camera);
  EXPECT_EQ(camera.error().code, Errc::not_permitted);
}

TEST(Camera, MissingFilesFifosAndFoldersAreNoCamera) {
  const test::TempDir dir;
  ASSERT_EQ(::mkfifo((dir.path() + "/fifo").c_str(), 0600), 0);
  for (const std::string& what :
       {dir.path() + "/missing.mp4", dir.path() + "/%03d.jpg", dir.path() + "/fifo", dir.path()}) {
    const Result<OpenedCamera> camera = open_camera(replay_of("replay:" + what));
    ASSERT_FALSE(camera) << what;
    EXPECT_EQ(camera.error().code, Errc::camera_unavailable) << what;
  }
}

TEST(Camera, WhatIsNoVideoDeviceIsRefusedEvenWithPermission) {
  const test::TempDir dir;
  ASSERT_EQ(::mkfifo((dir.path() + "/fifo").c_str(), 0600), 0);
  for (const std::string& device : {std::string("/dev/null"), std::string("/dev/zero"), dir.write("file", "x"),
                                    dir.path() + "/fifo", dir.path() + "/missing"}) {
    const Result<OpenedCamera> camera = open_camera(replay_of(device));
    ASSERT_FALSE(camera) << device;
    EXPECT_EQ(camera.error().code, Errc::camera_unavailable) << device;
    EXPECT_NE(camera.error().message.find(device), std::string::npos);
  }
}

TEST(Camera, ALongSequenceIsCutAtTheBound) {
  const test::TempDir dir;
  for (std::size_t i = 0; i < limits::kReplayFramesMax + 5; ++i) (void)dir.write(std::to_string(i), "x");
  const Result<OpenedCamera> camera = open_camera(replay_of("replay:" + dir.path() + "/%d"));
  ASSERT_TRUE(camera);
  EXPECT_EQ(camera->files.size(), limits::kReplayFramesMax);
}

}  // namespace
}  // namespace faceauth
