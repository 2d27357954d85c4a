// The eye before an infrared camera whose emitter lights every other frame, or none. The pictures are photos without
// their colour: no infrared ones could be had.
#include <gtest/gtest.h>
#include <tests/support/research_data.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "eye_under_test.h"
#include "fake_camera.h"

namespace faceauth::vision {
namespace {

using std::chrono::seconds;

cv::Mat grey(const cv::Mat& bgr, double gain) {
  cv::Mat out;
  cv::cvtColor(bgr, out, cv::COLOR_BGR2GRAY);
  out.convertTo(out, CV_8U, gain);
  return out;
}

Blob raw(const cv::Mat& one_channel) { return {one_channel.data, one_channel.data + one_channel.total()}; }

// Ten bits in sixteen, little endian.
Blob ten_bits(const cv::Mat& one_channel) {
  Blob out;
  for (const std::uint8_t sample : raw(one_channel)) {
    out.push_back(static_cast<std::uint8_t>(sample << 2));
    out.push_back(static_cast<std::uint8_t>(sample >> 6));
  }
  return out;
}

struct Infrared : testing::Test {
  void SetUp() override { ASSERT_TRUE(eye.greets()) << eye.errors(); }

  // So many frames of a camera session, or those before it failed.
  std::vector<eye::Frame> watch(const Fd& camera, std::size_t count, bool infrared = true) {
    Channel worker = eye.watch({eye::Source::v4l2, 30, true, true, infrared}, {camera.get()});
    std::vector<eye::Frame> frames;
    while (frames.size() < count) {
      const auto frame = worker.receive<eye::Frame>(eye::Type::frame, seconds(20));
      if (!frame) break;
      frames.push_back(*frame);
    }
    return frames;
  }

  TempDir dir;
  EyeUnderTest eye;
};

TEST_F(Infrared, OfAStrobingCameraTheLitFramesAloneAreLookedAt) {
  const cv::Mat woman = scene(Scene::woman_monday);
  using Bytes = Blob (*)(const cv::Mat&);
  for (const auto& [format, bytes] :
       {std::pair<const char*, Bytes>{"GREY", raw}, {"Y10 ", ten_bits}, {"Y16 ", ten_bits}}) {
    dir.put("frame1", bytes(grey(woman, 0.05)));
    dir.put("frame2", bytes(grey(woman, 1)));
    const Fd camera = open_fake_camera(dir.path("frame%d"), {{"FAKEV4L2_FORMAT", format}, {"FAKEV4L2_FPS", "30"}});
    const std::vector<eye::Frame> frames = watch(camera, 5);
    ASSERT_EQ(frames.size(), 5U) << format << eye.errors();
    for (const eye::Frame& frame : frames) {
      EXPECT_TRUE(frame.sight.encoded) << format;
      EXPECT_GT(frame.sight.quality.brightness, 60) << format;
      EXPECT_GT(frame.sight.emitter, 0.8F) << format << ": the face is dark beside";
    }
  }
}

TEST_F(Infrared, WhatGlowsInTheDarkFramesAsWellIsTold) {
  const cv::Mat lit = grey(scene(Scene::woman_monday), 1);
  cv::Mat unlit = grey(scene(Scene::woman_monday), 0.05);
  const Sight seen = analyser().analyse(scene(Scene::woman_monday), {false, false});
  const float wider = seen.box[2] / 4;
  const cv::Rect face(
      cv::Rect2f(seen.box[0] - wider, seen.box[1] - wider, seen.box[2] + 2 * wider, seen.box[3] + 2 * wider));
  lit(face).copyTo(unlit(face));
  dir.put("frame1", raw(unlit));
  dir.put("frame2", raw(lit));
  const Fd camera = open_fake_camera(dir.path("frame%d"), {{"FAKEV4L2_FORMAT", "GREY"}, {"FAKEV4L2_FPS", "30"}});
  const std::vector<eye::Frame> frames = watch(camera, 2);
  ASSERT_EQ(frames.size(), 2U) << eye.errors();
  EXPECT_LT(frames.back().sight.emitter, 0.1F);
}

TEST_F(Infrared, ACameraThatIsNeverLitSaysSo) {
  dir.put("frame1", raw(grey(scene(Scene::woman_monday), 0.05)));
  const Fd camera = open_fake_camera(dir.path("frame%d"), {{"FAKEV4L2_FORMAT", "GREY"}, {"FAKEV4L2_FPS", "30"}});
  Channel worker = eye.watch({eye::Source::v4l2, 30, true, true, true}, {camera.get()});
  const auto failed = worker.receive<eye::CameraFailed>(eye::Type::camera_failed, seconds(10));
  ASSERT_TRUE(failed) << eye.errors();
  EXPECT_EQ(failed->code, Errc::camera_dark);
  EXPECT_TRUE(worker.ends());
}

TEST_F(Infrared, OfAColorCameraDarkFramesAreLookedAtAsWell) {
  dir.put("frame1", raw(grey(scene(Scene::woman_monday), 0.1)));
  const Fd camera = open_fake_camera(dir.path("frame%d"), {{"FAKEV4L2_FORMAT", "GREY"}, {"FAKEV4L2_FPS", "30"}});
  EXPECT_EQ(watch(camera, 3, false).size(), 3U) << eye.errors();
}

// ir_synthetic/ of the research photos: a folder for each person, with pairs named
// *_lit.jpg and *_dark.jpg.
TEST_F(Infrared, PairsOfAFolderAreToldApart) {
  const std::string folder = test::research_data() + "/ir_synthetic";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "set FACEAUTH_DATA to a folder with ir_synthetic/ to run this";
  std::size_t pairs = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    std::string path = file.path();
    if (!path.ends_with("_lit.jpg")) continue;
    const Fd lit = open_file(path);
    path.replace(path.size() - 8, 8, "_dark.jpg");
    const Fd dark = open_file(path);
    Channel worker = eye.watch({eye::Source::stills, 30, true, true, true}, {dark.get(), lit.get()});
    for (int i = 0; i < 3; ++i) {
      const auto frame = worker.receive<eye::Frame>(eye::Type::frame, seconds(20));
      ASSERT_TRUE(frame) << path << eye.errors();
      EXPECT_GT(frame->sight.quality.brightness, 60) << path;
      EXPECT_TRUE(frame->sight.encoded) << path;
      EXPECT_GT(frame->sight.emitter, 0.8F) << path;
    }
    ++pairs;
  }
  EXPECT_GT(pairs, 0U);
}

}  // namespace
}  // namespace faceauth::vision
