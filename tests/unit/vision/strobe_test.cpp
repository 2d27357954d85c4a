#include <faced/vision/strobe.h>
#include <gtest/gtest.h>

#include <vector>

namespace faceauth::vision {
namespace {

constexpr std::uint64_t kFrameNs = 33'000'000;

// A room with a face-sized bright patch.
cv::Mat frame(int background, int patch) {
  cv::Mat bgr(480, 640, CV_8UC3, cv::Scalar::all(background));
  bgr(cv::Rect(240, 140, 160, 200)).setTo(cv::Scalar::all(patch));
  return bgr;
}
const cv::Rect2f kPatch(240, 140, 160, 200);

std::vector<bool> lit(const std::vector<cv::Mat>& frames) {
  Strobe strobe;
  std::vector<bool> out;
  std::uint64_t now = 0;
  for (const cv::Mat& bgr : frames) out.push_back(strobe.is_lit(bgr, now += kFrameNs));
  return out;
}
using Lit = std::vector<bool>;

TEST(Strobe, OfAlternatingFramesTheLitOnesCountWhicheverComesFirst) {
  const cv::Mat on = frame(40, 150), off = frame(4, 12);
  EXPECT_EQ(lit({on, off, on, off, on}), (Lit{false, false, true, false, true}));
  EXPECT_EQ(lit({off, on, off, on, off}), (Lit{false, true, false, true, false}));
  EXPECT_EQ(lit({off, off, on, off, off, on}), (Lit{false, false, true, false, false, true})) << "every third";
}

TEST(Strobe, InDaylightUnlitFramesAreTheFarDarkerOnes) {
  const cv::Mat on = frame(90, 200), off = frame(45, 60);
  EXPECT_EQ(lit({off, on, off, on}), (Lit{false, true, false, true}));
  const cv::Mat nearly = frame(80, 150);
  EXPECT_EQ(lit({on, nearly, on, nearly}), (Lit{false, true, true, true})) << "an exposure that swings is no strobe";
}

TEST(Strobe, NothingIsLitWhereTheEmitterIsOff) {
  for (const bool each : lit({frame(3, 10), frame(4, 11), frame(3, 12), frame(5, 10)})) EXPECT_FALSE(each);
  EXPECT_EQ(lit({frame(3, 30), frame(3, 30)}), (Lit{false, true})) << "a face that the gate might take is shown";
}

TEST(Strobe, ADarkerSceneIsAcceptedOnceItStays) {
  std::vector<cv::Mat> frames(3, frame(100, 200));
  frames.insert(frames.end(), 12, frame(30, 60));
  const Lit seen = lit(frames);
  EXPECT_FALSE(seen[3]);
  EXPECT_TRUE(seen.back());
}

TEST(Strobe, TheUnlitFrameBesideALitOneIsKeptForAMoment) {
  Strobe strobe;
  EXPECT_TRUE(strobe.unlit_before(0).empty());
  (void)strobe.is_lit(frame(4, 12), kFrameNs);
  ASSERT_TRUE(strobe.is_lit(frame(40, 150), 2 * kFrameNs));
  EXPECT_FALSE(strobe.unlit_before(2 * kFrameNs).empty());
  EXPECT_TRUE(strobe.unlit_before(2'000'000'000).empty()) << "of another moment";
}

TEST(EmitterShare, AFaceFollowsTheEmitterAndWhatGlowsDoesNot) {
  const cv::Mat on = frame(40, 150);
  EXPECT_NEAR(emitter_share(on, frame(4, 15), kPatch), 0.9F, 0.01F);
  EXPECT_NEAR(emitter_share(on, frame(4, 150), kPatch), 0.0F, 0.01F) << "a screen";
  EXPECT_FLOAT_EQ(emitter_share(on, frame(4, 200), kPatch), 0.0F);
}

TEST(EmitterShare, WhatCannotBeComparedObjectsToNothing) {
  const cv::Mat on = frame(40, 150);
  EXPECT_FLOAT_EQ(emitter_share(on, cv::Mat(), kPatch), 1.0F);
  EXPECT_FLOAT_EQ(emitter_share(on, frame(4, 150)(cv::Rect(0, 0, 320, 240)), kPatch), 1.0F);
  EXPECT_FLOAT_EQ(emitter_share(on, frame(4, 150), {0, 0, 0, 0}), 1.0F);
  EXPECT_FLOAT_EQ(emitter_share(frame(0, 0), frame(0, 0), kPatch), 1.0F);
}

}  // namespace
}  // namespace faceauth::vision
