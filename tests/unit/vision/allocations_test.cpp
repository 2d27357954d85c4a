// How often memory is asked for while a frame is looked at. This program stands in for malloc() in every library, too.
#include <faced/vision/analyser.h>
#include <faced/vision/find_ahead.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <tests/support/built.h>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "fixtures.h"

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

std::atomic<std::size_t> asked = 0;

void* counted(void* memory) {
  ++asked;
  return memory;
}

}  // namespace

#define FACEAUTH_INTERPOSED extern "C" __attribute__((visibility("default")))
FACEAUTH_INTERPOSED void* malloc(std::size_t size) { return counted(__libc_malloc(size)); }
FACEAUTH_INTERPOSED void* calloc(std::size_t count, std::size_t size) { return counted(__libc_calloc(count, size)); }
FACEAUTH_INTERPOSED void* realloc(void* memory, std::size_t size) { return counted(__libc_realloc(memory, size)); }
FACEAUTH_INTERPOSED void* memalign(std::size_t to, std::size_t size) { return counted(__libc_memalign(to, size)); }
FACEAUTH_INTERPOSED void* aligned_alloc(std::size_t to, std::size_t size) { return memalign(to, size); }
FACEAUTH_INTERPOSED int posix_memalign(void** memory, std::size_t to, std::size_t size) {
  *memory = memalign(to, size);
  return *memory == nullptr ? ENOMEM : 0;
}

namespace faceauth::vision {
namespace {

// The most that one of these frames asks for, once each has been seen.
std::size_t asked_for(Analyser& analyser, const std::vector<cv::Mat>& frames, bool has_face) {
  std::size_t most = 0;
  for (int round = 0; round < 3; ++round)
    for (const cv::Mat& frame : frames) {
      const std::size_t before = asked;
      EXPECT_EQ(analyser.analyse(frame, {true, true}).encoded, has_face);
      if (round > 0) most = std::max(most, asked - before);
    }
  return most;
}

class Allocations : public testing::Test {
 protected:
  Result<Analyser> analyser_ = Analyser::load(test::built::kModels);
};

TEST_F(Allocations, AFrameAsksForNothingOnceEverythingIsReady) {
  ASSERT_TRUE(analyser_);
  EXPECT_EQ(asked_for(*analyser_, {scene(Scene::woman_monday)}, true), 0U);
  EXPECT_EQ(asked_for(*analyser_, {cv::Mat(480, 640, CV_8UC3, cv::Scalar(90, 100, 110))}, false), 0U);
  EXPECT_EQ(asked_for(*analyser_, {scene(Scene::two_people)}, false), 0U);
}

// From frame to frame all pictures in between become a little larger or smaller.
TEST_F(Allocations, NorDoesAFaceThatComesNearer) {
  ASSERT_TRUE(analyser_);
  std::vector<cv::Mat> frames;
  for (int i = 0; i < 8; ++i) {
    cv::Mat larger;
    const double scale = 1 + 0.03 * i;
    cv::resize(scene(Scene::woman_monday), larger, {}, scale, scale);
    frames.push_back(larger(cv::Rect((larger.cols - 640) / 2, (larger.rows - 480) / 2, 640, 480)).clone());
  }
  EXPECT_EQ(asked_for(*analyser_, frames, true), 0U);
}

TEST_F(Allocations, NorDoesLookingAheadWhileAnotherFrameIsMeasured) {
  ASSERT_TRUE(analyser_);
  constexpr std::uint32_t kFrames = 12, kReady = 4;
  const Wants everything{true, true};
  const cv::Mat frame = scene(Scene::woman_monday);
  Mailbox mailbox;
  FindAhead finder(*analyser_, everything, mailbox);
  finder.begin();
  mailbox.put({0, 0, frame});
  std::size_t before = 0;
  for (std::uint32_t i = 1; i < kFrames; ++i) {
    if (i == kReady) before = asked;
    const Result<const FoundFrame*> next = finder.next();
    ASSERT_TRUE(next);
    mailbox.put({i, i, frame});
    EXPECT_TRUE(analyser_->measure((*next)->frame.bgr, (*next)->found, everything).encoded);
  }
  ASSERT_TRUE(finder.next());
  EXPECT_EQ(asked - before, 0U);
}

TEST_F(Allocations, NorDoTheDarkAndOtherSizes) {
  ASSERT_TRUE(analyser_);
  cv::Mat frame;
  scene(Scene::woman_monday).convertTo(frame, -1, 0.2);
  EXPECT_EQ(asked_for(*analyser_, {frame}, true), 0U);
  for (const double scale : {0.5, 0.75, 1.25, 2.0, 2.25}) {
    cv::resize(scene(Scene::woman_monday), frame, {}, scale, scale, cv::INTER_AREA);
    EXPECT_EQ(asked_for(*analyser_, {frame}, true), 0U) << scale;
  }
}

TEST_F(Allocations, AreCountedInLibraries) {
  const std::size_t before = asked;
  const cv::Mat picture(480, 640, CV_8UC3);
  EXPECT_GT(asked, before);
}

}  // namespace
}  // namespace faceauth::vision
