#include <faceauth/picture.h>
#include <faced/vision_link/eye.h>
#include <faced/vision_link/picture_memory.h>
#include <tests/support/built.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <tests/unit/support/temp_dir.h>
#include <tests/unit/vision_link/outcome_of.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;
using test::outcome_of;

Steady in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

// With the stand-in eye, whose pictures are words.
class EyeOfKeeper : public testing::Test {
 protected:
  void SetUp() override {
    (void)dir.write("view000.jpg", "empty");
    config.camera.device = "replay:" + dir.path() + "/view%03d.jpg";
    config.camera.allow_replay = true;
    eye.emplace(io, test::built::kStandInEye, config);
    eye->start();
    ASSERT_TRUE(outcome_of(io, eye->ready(in(milliseconds(5000)))));
  }
  Result<std::unique_ptr<Viewer>> watch(const Config& by, bool lid_closed = false, std::size_t place = 0) {
    return outcome_of(io, eye->watch(by, in(milliseconds(5000)), lid_closed, place));
  }
  Result<std::unique_ptr<Viewer>> watch_and_show(const Config& by, Fd pictures) {
    return outcome_of(io, eye->watch_and_show(by, std::move(pictures), in(milliseconds(5000))));
  }
  boost::asio::awaitable<bool> wait_for(std::span<Viewer* const> viewers) {
    co_await Viewer::any_of(viewers, in(milliseconds(1000)));
    co_return true;
  }
  bool takes_work() { return outcome_of(io, eye->ready(in(milliseconds(0)))).has_value(); }
  Result<Secret<eye::Image>> photo(const char* words) {
    Fd file(::open(dir.write("photo", words).c_str(), O_RDONLY | O_CLOEXEC));
    return outcome_of(io, eye->encode(std::move(file), false, in(milliseconds(5000)), milliseconds(5000)));
  }

  test::TempDir dir;
  Config config;
  boost::asio::io_context io;
  std::optional<Eye> eye;
};

TEST_F(EyeOfKeeper, OneCameraServesEverybodyWhoWatches) {
  const auto first = watch(config), second = watch(config);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_TRUE(outcome_of(io, (*first)->next(in(milliseconds(5000)))));
  EXPECT_TRUE(outcome_of(io, (*second)->next(in(milliseconds(5000)))));
}

TEST_F(EyeOfKeeper, TwoCamerasStreamSideBySideAndAreWaitedForTogether) {
  (void)dir.write("ir000.jpg", "face 7");
  config.infrared = config.camera;
  config.infrared->device = "replay:" + dir.path() + "/ir%03d.jpg";
  config.infrared->kind = CameraKind::infrared;
  config.cameras = CamerasAsked::both;
  const auto color = watch(config, false, 0), infrared = watch(config, false, 1);
  ASSERT_TRUE(color);
  ASSERT_TRUE(infrared) << infrared.error().message;
  EXPECT_EQ(eye->modality(0), Modality::color);
  EXPECT_EQ(eye->modality(1), Modality::infrared);
  EXPECT_EQ(eye->viewers(), 2U);
  const std::array<Viewer*, 2> both{color->get(), infrared->get()};
  std::array<std::optional<FaceIssue>, 2> seen;
  for (int i = 0; i < 100 && !(seen[0] && seen[1]); ++i) {
    outcome_of(io, wait_for(both));
    for (std::size_t place = 0; place < 2; ++place)
      if (auto taken = both.at(place)->take(); taken && *taken) seen.at(place) = (***taken)->sight.issue;
  }
  EXPECT_EQ(seen[0], FaceIssue::no_face);
  EXPECT_EQ(seen[1], FaceIssue::none);
}

TEST_F(EyeOfKeeper, ACameraThatIsOnlyDarkEndsItsOwnViewersWithThatReason) {
  (void)dir.write("ir000.jpg", "dark");
  config.infrared = config.camera;
  config.infrared->device = "replay:" + dir.path() + "/ir%03d.jpg";
  config.cameras = CamerasAsked::both;
  const auto color = watch(config, false, 0), infrared = watch(config, false, 1);
  ASSERT_TRUE(color);
  ASSERT_TRUE(infrared);
  const auto dark = outcome_of(io, (*infrared)->next(in(milliseconds(5000))));
  ASSERT_FALSE(dark);
  EXPECT_EQ(dark.error().code, Errc::camera_dark);
  EXPECT_NE(dark.error().message.find("linux-enable-ir-emitter"), std::string::npos) << dark.error().message;
  EXPECT_TRUE(outcome_of(io, (*color)->next(in(milliseconds(5000))))) << "the other camera goes on";
}

TEST_F(EyeOfKeeper, PicturesAreShownToOneViewerAloneAndEndWhenAnotherComes) {
  const auto stamp_of = [](const Fd& memory) {
    picture::Header header;
    return ::pread(memory.get(), &header, sizeof header, 0) == ssize_t{sizeof header} ? header.stamp : 0;
  };
  Result<PictureMemory> memory = make_picture_memory();
  ASSERT_TRUE(memory);
  const auto shown = watch_and_show(config, std::move(memory->to_write));
  ASSERT_TRUE(shown) << shown.error().message;
  EXPECT_TRUE(outcome_of(io, (*shown)->next(in(milliseconds(5000)))));
  EXPECT_TRUE(eye->shows_pictures());
  EXPECT_GT(stamp_of(memory->to_read), 0U);

  const auto login = watch(config);
  ASSERT_TRUE(login);
  EXPECT_FALSE(eye->shows_pictures());
  for (int frame = 0; frame < 3; ++frame) EXPECT_TRUE(outcome_of(io, (*login)->next(in(milliseconds(5000)))));
  const std::uint32_t last = stamp_of(memory->to_read);
  EXPECT_TRUE(outcome_of(io, (*login)->next(in(milliseconds(5000)))));
  EXPECT_TRUE(outcome_of(io, (*shown)->next(in(milliseconds(5000))))) << "the stream goes on";
  EXPECT_EQ(stamp_of(memory->to_read), last) << "the pictures do not";
}

TEST_F(EyeOfKeeper, NoPicturesAreShownOfWhoeverIsThereAlready) {
  auto login = watch(config);
  ASSERT_TRUE(login);
  Result<PictureMemory> memory = make_picture_memory();
  ASSERT_TRUE(memory);
  const auto refused = watch_and_show(config, std::move(memory->to_write));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::busy);
  EXPECT_TRUE(outcome_of(io, (*login)->next(in(milliseconds(5000))))) << "nobody is disturbed by the question";
  login->reset();
  Result<PictureMemory> again = make_picture_memory();
  EXPECT_TRUE(watch_and_show(config, std::move(again->to_write)));
}

// A reload in the midst of a login: its attempt was to judge by the rules of another light.
TEST_F(EyeOfKeeper, WhoWaitsForACameraDoesNotGoOnWithOneOfAnotherKind) {
  config.liveness = LivenessMode::active;
  const auto waiting = watch(config);
  ASSERT_TRUE(waiting);
  Config same_kind = config, other_kind = config;
  same_kind.camera.replay_fps = 20;
  ASSERT_TRUE(watch(same_kind));
  EXPECT_TRUE(outcome_of(io, (*waiting)->next(in(milliseconds(5000)))));
  other_kind.camera.kind = CameraKind::infrared;
  const auto infrared = watch(other_kind);
  ASSERT_TRUE(infrared);
  EXPECT_EQ(outcome_of(io, (*waiting)->next(in(milliseconds(5000)))).error().code, Errc::camera_unavailable);
  EXPECT_TRUE(outcome_of(io, (*infrared)->next(in(milliseconds(5000)))));
}

TEST_F(EyeOfKeeper, AnInfraredCameraAloneIsRefusedWhereLivenessIsPassive) {
  config.camera.kind = CameraKind::infrared;
  const auto refused = watch(config);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::not_permitted);
  config.liveness = LivenessMode::active;
  EXPECT_TRUE(watch(config));
}

// Between ready() and watch() a caller waits for other things, and a worker may die meanwhile.
TEST_F(EyeOfKeeper, NoSessionIsForkedFromAProcessWhoseWorkerDied) {
  auto in_the_way = watch(config);  // while somebody watches, the process is not replaced yet
  ASSERT_TRUE(in_the_way);
  EXPECT_TRUE(photo("face 1"));
  EXPECT_TRUE(takes_work());
  ASSERT_FALSE(photo("crash"));
  for (const Steady end = in(milliseconds(1000)); takes_work() && std::chrono::steady_clock::now() < end;)
    io.run_one_for(milliseconds(20));
  ASSERT_FALSE(takes_work());
  ASSERT_TRUE(eye->models()) << "it is gone already: the test came too late";

  const auto refused = watch(config);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::eye_failed);

  in_the_way->reset();
  ASSERT_TRUE(outcome_of(io, eye->ready(in(milliseconds(5000))))) << "another took its place";
  EXPECT_EQ(eye->restarts(), 1U);
  EXPECT_TRUE(watch(config));
}

}  // namespace
}  // namespace faceauth
