#include <faced/auth/repetition.h>

#include <gtest/gtest.h>

#include <vector>

namespace faceauth {
namespace {

using Kind = Repetition::Kind;
using std::chrono::milliseconds;

class Camera {
 public:
  Kind show(std::uint64_t picture, int after_ms = 33) {
    return repetition_.look(picture, now_ += milliseconds(after_ms));
  }

 private:
  Repetition repetition_;
  Steady now_{};
};

TEST(Repetition, FramesThatDifferAreFresh) {
  Camera camera;
  for (std::uint64_t picture = 1; picture < 3000; ++picture) EXPECT_EQ(camera.show(picture), Kind::fresh);
}

TEST(Repetition, ALoopIsNoticedAtItsFirstFrameAgain) {
  for (const std::uint64_t length : {2U, 3U, 75U, 900U}) {
    Camera camera;
    for (std::uint64_t picture = 1; picture <= length; ++picture) EXPECT_EQ(camera.show(picture), Kind::fresh);
    EXPECT_EQ(camera.show(1), Kind::played_back) << length;
  }
}

// A capture card that shows 24 frames a second as 30.
TEST(Repetition, ACameraThatGivesFramesTwiceIsNoRecording) {
  Camera camera;
  for (std::uint64_t picture = 1; picture < 100; ++picture) {
    EXPECT_EQ(camera.show(picture), Kind::fresh);
    if (picture % 4 == 0) {
      EXPECT_EQ(camera.show(picture), Kind::again);
    }
  }
}

TEST(Repetition, AHiccupIsNotFrozenAndAStillIs) {
  Camera camera;
  EXPECT_EQ(camera.show(1), Kind::fresh);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(camera.show(1, 300), Kind::again) << "few frames, whatever the time";
  EXPECT_EQ(camera.show(2), Kind::fresh);
  for (int i = 0; i < 24; ++i) EXPECT_EQ(camera.show(2, 33), Kind::again) << "a short time, however many frames";
  EXPECT_EQ(camera.show(2, 33), Kind::frozen);
  EXPECT_EQ(camera.show(3), Kind::fresh) << "it is the caller who ends the attempt";
}

}  // namespace
}  // namespace faceauth
