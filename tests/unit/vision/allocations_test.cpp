// How often memory is asked for while a frame is looked at. This program stands in for malloc() in every library, too.
#include <faced/vision/analyser.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <tests/support/built.h>
#include <algorithm>
#include <cerrno>
#include <cstddef>

#include "fixtures.h"

extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

std::size_t asked = 0;  // this program has one thread

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

constexpr int kFrames = 5;
constexpr std::size_t kAskedMost = 88, kAskedMostEmpty = 8;

// The most that one of some frames asks for, after one that makes everything ready.
std::size_t asked_for(Analyser& analyser, const cv::Mat& view, bool has_face) {
  std::size_t most = 0;
  for (int i = 0; i <= kFrames; ++i) {
    const std::size_t before = asked;
    EXPECT_EQ(analyser.analyse(view, {true, true}).encoded, has_face);
    if (i > 0) most = std::max(most, asked - before);
  }
  return most;
}

// What is left is not ours: what OpenCV's resize, warpAffine and filters set up for each call, the matrices of dlib's
// fit for the chip, and the pictures that a frame's answer is made of.
TEST(Allocations, AFrameAsksForLittleOnceEverythingIsReady) {
  Result<Analyser> analyser = Analyser::load(test::built::kModels);
  ASSERT_TRUE(analyser);
  EXPECT_LE(asked_for(*analyser, scene(Scene::woman_monday), true), kAskedMost);
  EXPECT_LE(asked_for(*analyser, cv::Mat(480, 640, CV_8UC3, cv::Scalar(90, 100, 110)), false), kAskedMostEmpty);
}

TEST(Allocations, AreCountedInLibraries) {
  const std::size_t before = asked;
  const cv::Mat picture(480, 640, CV_8UC3);
  EXPECT_GT(asked, before);
}

}  // namespace
}  // namespace faceauth::vision
