// The whole program over real sockets: what it answers, and that every kind of picture passes its system call filter.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <tests/support/built.h>

#include <chrono>

#include "clip_maker.h"
#include "eye_under_test.h"
#include "fake_camera.h"

// The encoder that makes a test's clip, not the eye, keeps something to itself.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libx265"; }

namespace faceauth::vision {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

TEST(Process, GreetsWithItsModelsAndLeavesWithTheKeeper) {
  EyeUnderTest eye;
  const auto ready = eye.link.receive<eye::Ready>(eye::Type::ready);
  ASSERT_TRUE(ready) << eye.errors();
  EXPECT_STREQ(ready->feature.data(), "fr_feature:87aacdfe57510db2");
  EXPECT_STREQ(ready->dlib.data(), "dlib_face_recognition_resnet_m:55533b28a95800a5");
  eye.link.close();
  EXPECT_EQ(eye.exit_code(seconds(5)), 0);
}

TEST(Process, RefusesAModelWithAWrongHash) {
  const TempDir models;
  for (const auto& file : std::filesystem::directory_iterator(test::built::kModels))
    if (file.is_regular_file()) std::filesystem::copy_file(file.path(), models.path(file.path().filename()));
  std::filesystem::remove(models.path("fr_liveness.onnx"));
  models.put("fr_liveness.onnx", Blob(1000, 1));
  EyeUnderTest eye(models.path(""));
  EXPECT_EQ(eye.exit_code(), 3);
  EXPECT_NE(eye.errors().find("afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d"), std::string::npos)
      << eye.errors();
}

TEST(Process, NeedsTheKeepersSocket) {
  EyeUnderTest eye(test::built::kModels, false);
  EXPECT_EQ(eye.exit_code(), 2);
  EXPECT_NE(eye.errors().find("not the keeper's socket"), std::string::npos) << eye.errors();
}

TEST(Process, JudgesPicturesAndSurvivesBadOnes) {
  const TempDir dir;
  EyeUnderTest eye;
  ASSERT_TRUE(eye.greets()) << eye.errors();

  const Fd woman = open_file(dir.put("woman.jpg", encoded(scene(Scene::woman_monday), ".jpg")));
  const Sight seen = eye.look_at(woman.get());
  EXPECT_EQ(seen.issue, FaceIssue::none);
  EXPECT_TRUE(seen.encoded);
  EXPECT_TRUE(seen.liveness_measured);

  const auto started = steady_clock::now();
  ASSERT_EQ(::mkfifo(dir.path("fifo").c_str(), 0600), 0);
  const Fd fifo(::open(dir.path("fifo").c_str(), O_RDWR | O_CLOEXEC));
  const Blob whole = encoded(scene(Scene::man), ".jpg");
  Blob huge = encoded(cv::Mat(8, 8, CV_8UC3, cv::Scalar::all(0)), ".png");
  huge[18] = huge[22] = 0x4E;
  huge[19] = huge[23] = 0x20;
  const cv::Mat flat(48, 64, CV_8UC3, cv::Scalar::all(7));
  EXPECT_EQ(eye.look_at(open_file("/dev/zero").get()).issue, FaceIssue::unreadable);
  EXPECT_EQ(eye.look_at(fifo.get()).issue, FaceIssue::unreadable);
  EXPECT_EQ(eye.look_at(open_file(dir.put("empty", {})).get()).issue, FaceIssue::unreadable);
  EXPECT_EQ(eye.look_at(open_file(dir.put("cut", std::span(whole).first(whole.size() / 2))).get()).issue,
            FaceIssue::unreadable);
  EXPECT_EQ(eye.look_at(open_file(dir.put("huge", huge)).get()).issue, FaceIssue::too_large);
  EXPECT_EQ(eye.look_at(open_file(dir.put("clip", make_clip({flat, flat}, "mp4"))).get()).issue, FaceIssue::unreadable);
  EXPECT_EQ(eye.look_at(open_file(dir.put("room", encoded(scene(Scene::nobody), ".png"))).get()).issue,
            FaceIssue::no_face);
  EXPECT_LT(steady_clock::now() - started, seconds(20));

  EXPECT_EQ(eye.look_at(woman.get()).encodings.feature, seen.encodings.feature);
  eye.link.close();
  EXPECT_EQ(eye.exit_code(seconds(5)), 0);
}

TEST(Process, AnswersPingsWhileWorkersCompute) {
  const TempDir dir;
  EyeUnderTest eye;
  ASSERT_TRUE(eye.greets()) << eye.errors();
  const Fd big = open_file(dir.put("big.png", encoded(cv::Mat(5000, 5000, CV_8UC3, cv::Scalar::all(7)), ".png")));
  std::vector<Channel> photos;
  for (int i = 0; i < 3; ++i) photos.push_back(eye.work(eye::Type::encode_image, eye::EncodeImage{false}, {big.get()}));
  std::uint8_t packet[eye::kPacketMax];
  eye.link.send_bytes(std::span(packet, eye::encode_packet(packet, eye::Type::ping, eye::Ping{77})));
  const auto pong = eye.link.receive<eye::Pong>(eye::Type::pong, seconds(2));
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->token, 77U);
  EXPECT_FALSE(photos.back().receive<eye::Image>(eye::Type::image, milliseconds(1))) << "the pong waited for it";
  for (Channel& photo : photos) EXPECT_TRUE(photo.receive<eye::Image>(eye::Type::image)) << eye.errors();
}

TEST(Process, ReadsEveryKindOfPictureInsideItsFilter) {
  const TempDir dir;
  EyeUnderTest eye;
  ASSERT_TRUE(eye.greets()) << eye.errors();
  for (const char* kind : {".jpg", ".png", ".bmp", ".webp", ".ppm"}) {
    const Fd file = open_file(dir.put("woman", encoded(scene(Scene::woman_monday), kind)));
    EXPECT_EQ(eye.look_at(file.get()).issue, FaceIssue::none) << kind << eye.errors();
  }
}

TEST(Process, ReplaysStills) {
  const TempDir dir;
  EyeUnderTest eye;
  ASSERT_TRUE(eye.greets()) << eye.errors();
  const Fd woman = open_file(dir.put("1.jpg", encoded(scene(Scene::woman_monday), ".jpg")));
  const Fd room = open_file(dir.put("2.jpg", encoded(scene(Scene::nobody), ".jpg")));
  Channel worker = eye.watch({eye::Source::stills, 0, false, true}, {woman.get(), room.get()});
  std::uint64_t before = 0;
  for (std::uint32_t sequence = 1; sequence <= 4; ++sequence) {
    const auto frame = worker.receive<eye::Frame>(eye::Type::frame);
    ASSERT_TRUE(frame) << eye.errors();
    EXPECT_EQ(frame->sequence, sequence) << "at rate 0 no frame is dropped";
    EXPECT_EQ(frame->sight.encoded, sequence % 2 == 1);
    EXPECT_GT(frame->captured_ns, before);
    before = frame->captured_ns;
  }
}

TEST(Process, ReplaysClipsOfEveryCodecInsideItsFilter) {
  const TempDir dir;
  EyeUnderTest eye;
  ASSERT_TRUE(eye.greets()) << eye.errors();
  std::vector<cv::Mat> frames(6);
  for (cv::Mat& frame : frames) {  // noise: a clip that compresses to nothing is too short to be recognised
    frame.create(96, 128, CV_8UC3);
    cv::randu(frame, 0, 255);
  }
  for (const auto& [encoder, container] : clip_kinds()) {
    const Fd clip = open_file(dir.put("clip", make_clip(frames, container, encoder)));
    Channel worker = eye.watch({eye::Source::clip, 50, false, false}, {clip.get()});
    for (int i = 0; i < 8; ++i) {  // past its end and on from its start
      const auto frame = worker.receive<eye::Frame>(eye::Type::frame);
      const auto failed = frame ? std::nullopt : worker.receive<eye::CameraFailed>(eye::Type::camera_failed);
      ASSERT_TRUE(frame) << encoder << " in " << container << ": " << (failed ? failed->reason.data() : eye.errors());
    }
  }
}

TEST(Process, TellsWhyASourceFails) {
  const TempDir dir;
  EyeUnderTest eye;
  ASSERT_TRUE(eye.greets()) << eye.errors();
  const Fd room = open_file(dir.put("room.jpg", encoded(scene(Scene::nobody), ".jpg")));
  Channel worker = eye.watch({eye::Source::clip, 30, false, true}, {room.get()});
  const auto failed = worker.receive<eye::CameraFailed>(eye::Type::camera_failed);
  ASSERT_TRUE(failed) << eye.errors();
  EXPECT_EQ(failed->code, Errc::camera_unavailable);
  EXPECT_STREQ(failed->reason.data(), "the replay clip is not a video that can be read");
  EXPECT_TRUE(worker.ends());
}

TEST(Process, WatchesACameraUntilItIsUnplugged) {
  const TempDir dir;
  dir.put("frame1", encoded(scene(Scene::woman_tuesday), ".jpg"));
  EyeUnderTest eye;
  ASSERT_TRUE(eye.greets()) << eye.errors();
  const Fd camera = open_fake_camera(dir.path("frame%d"), {{"FAKEV4L2_UNPLUG_AFTER", "12"}, {"FAKEV4L2_FPS", "30"}});
  ASSERT_TRUE(camera.valid());
  Channel worker = eye.watch({eye::Source::v4l2, 30, true, true}, {camera.get()});
  const auto frame = worker.receive<eye::Frame>(eye::Type::frame);
  ASSERT_TRUE(frame) << eye.errors();
  EXPECT_TRUE(frame->sight.encoded);
  EXPECT_TRUE(frame->sight.liveness_measured);
  ASSERT_TRUE(worker.receive<eye::CameraFailed>(eye::Type::camera_failed));
  EXPECT_EQ(eye.look_at(open_file(dir.path("frame1")).get()).issue, FaceIssue::none);
}

TEST(Process, AKeeperThatTalksNonsenseEndsIt) {
  for (const Blob& bytes : {Blob{200}, Blob{3, 0, 0, 0, 0, 0}, Blob{1}, Blob{2, 0}}) {
    EyeUnderTest eye;
    ASSERT_TRUE(eye.greets()) << eye.errors();
    eye.link.send_bytes(bytes);
    EXPECT_EQ(eye.exit_code(seconds(5)), 4);
  }
}

}  // namespace
}  // namespace faceauth::vision
