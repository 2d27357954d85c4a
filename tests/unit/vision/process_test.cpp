// The whole program over a real socketpair, as the keeper starts it.
#include <faced/vision_link/eye_protocol.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <optional>
#include <thread>

#include "clip_maker.h"
#include "fake_camera.h"

namespace faceauth::vision {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class EyeUnderTest {
 public:
  explicit EyeUnderTest(const std::string& models = FACEAUTH_MODELS_DIR, bool with_link = true) {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) return;
    link_.reset(pair[0]);
    const Fd theirs(pair[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    if (with_link)
      ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), eye::kLinkFd);
    else
      ::posix_spawn_file_actions_addopen(&actions, eye::kLinkFd, "/dev/null", O_RDWR, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors_.c_str(), O_WRONLY | O_CREAT, 0600);
    std::string program = FACED_VISION, option = "--models", directory = models;
    char* arguments[] = {program.data(), option.data(), directory.data(), nullptr};
    // What the sanitizers want, and the fake camera.
    std::string preload = "LD_PRELOAD=" FAKE_CAMERA, asan = "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0";
    char* environment[] = {preload.data(), asan.data(), nullptr};
    if (::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environment) != 0) pid_ = -1;
    ::posix_spawn_file_actions_destroy(&actions);
  }
  EyeUnderTest(const EyeUnderTest&) = delete;
  EyeUnderTest& operator=(const EyeUnderTest&) = delete;
  ~EyeUnderTest() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  template <class Body>
  void send(eye::Type type, const Body& body, const std::vector<int>& files = {}) {
    std::uint8_t packet[eye::kPacketMax];
    send_bytes(std::span(packet, eye::encode_packet(packet, type, body)), files);
  }

  void send_bytes(std::span<const std::uint8_t> bytes, const std::vector<int>& files = {}) {
    iovec part{const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * 200)> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!files.empty()) {
      message.msg_control = control.data();
      message.msg_controllen = CMSG_SPACE(sizeof(int) * files.size());
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(sizeof(int) * files.size());
      std::memcpy(CMSG_DATA(header), files.data(), sizeof(int) * files.size());
    }
    EXPECT_EQ(::sendmsg(link_.get(), &message, MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }

  // The next packet of `type`; others are kept for later. Nothing when it does not come in time or does not decode.
  template <class Body>
  std::optional<Body> receive(eye::Type type, milliseconds within = seconds(30)) {
    const auto is_wanted = [type](const Blob& packet) { return packet[0] == static_cast<std::uint8_t>(type); };
    auto found = std::find_if(kept_.begin(), kept_.end(), is_wanted);
    for (const auto deadline = steady_clock::now() + within; found == kept_.end();) {
      const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
      pollfd ready{link_.get(), POLLIN, 0};
      if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return std::nullopt;
      Blob packet(eye::kPacketMax);
      const ssize_t size = ::recv(link_.get(), packet.data(), packet.size(), 0);
      if (size <= 0) return std::nullopt;
      packet.resize(static_cast<std::size_t>(size));
      kept_.push_back(std::move(packet));
      found = is_wanted(kept_.back()) ? std::prev(kept_.end()) : kept_.end();
    }
    const Blob packet = *found;
    kept_.erase(found);
    Reader reader(packet.data() + 1, packet.size() - 1);
    Body body;
    if (!decode(reader, body)) return std::nullopt;
    return body;
  }

  // Packets that arrived before the last one received, and were not asked for yet.
  [[nodiscard]] std::size_t kept() const { return kept_.size(); }

  // The exit code; nothing when it does not end in time or dies of a signal.
  std::optional<int> exit_code(milliseconds within = seconds(30)) {
    for (const auto deadline = steady_clock::now() + within; steady_clock::now() < deadline;) {
      int status = 0;
      if (::waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = -1;
        if (WIFEXITED(status)) return WEXITSTATUS(status);
        return std::nullopt;
      }
      std::this_thread::sleep_for(milliseconds(5));
    }
    return std::nullopt;
  }

  Sight look_at(int file) {
    send(eye::Type::encode_image, eye::EncodeImage{++request_, true}, {file});
    const auto answer = receive<eye::Image>(eye::Type::image);
    if (!answer || answer->request != request_) {
      ADD_FAILURE() << "no answer about the picture";
      return {};
    }
    return answer->sight;
  }

  void close_link() { link_.reset(); }
  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] std::string errors() const {
    const Blob bytes = bytes_of(errors_);
    return {bytes.begin(), bytes.end()};
  }

 private:
  TempDir dir_;
  std::string errors_ = dir_.path("stderr");
  Fd link_;
  std::deque<Blob> kept_;
  pid_t pid_ = -1;
  std::uint32_t request_ = 0;
};

std::string status_of(pid_t pid) {
  const Blob bytes = bytes_of("/proc/" + std::to_string(pid) + "/status");
  return {bytes.begin(), bytes.end()};
}

TEST(Process, GreetsWithItsModelsAndLeavesWithTheKeeper) {
  EyeUnderTest eye;
  const auto ready = eye.receive<eye::Ready>(eye::Type::ready);
  ASSERT_TRUE(ready) << eye.errors();
  EXPECT_STREQ(ready->feature.data(), "fr_feature:87aacdfe57510db2");
  EXPECT_STREQ(ready->dlib.data(), "dlib_face_recognition_resnet_m:55533b28a95800a5");
  EXPECT_NE(status_of(eye.pid()).find("NoNewPrivs:\t1"), std::string::npos);
  eye.close_link();
  EXPECT_EQ(eye.exit_code(seconds(5)), 0);
}

TEST(Process, RefusesAModelWithAWrongHash) {
  const TempDir models;
  for (const auto& file : std::filesystem::directory_iterator(FACEAUTH_MODELS_DIR))
    if (file.is_regular_file()) std::filesystem::create_symlink(file.path(), models.path(file.path().filename()));
  std::filesystem::remove(models.path("fr_liveness.onnx"));
  models.put("fr_liveness.onnx", Blob(1000, 1));
  EyeUnderTest eye(models.path(""));
  EXPECT_EQ(eye.exit_code(), 3);
  EXPECT_NE(eye.errors().find("afa783b7e902fdfcf323a7240cac2a1c580c25314ea4161129dc1b0d100dc32d"), std::string::npos)
      << eye.errors();
}

TEST(Process, NeedsTheKeepersSocket) {
  EyeUnderTest eye(FACEAUTH_MODELS_DIR, false);
  EXPECT_EQ(eye.exit_code(), 2);
  EXPECT_NE(eye.errors().find("not the keeper's socket"), std::string::npos) << eye.errors();
}

TEST(Process, JudgesPicturesAndSurvivesBadOnes) {
  const TempDir dir;
  EyeUnderTest eye;
  ASSERT_TRUE(eye.receive<eye::Ready>(eye::Type::ready)) << eye.errors();

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
  eye.close_link();
  EXPECT_EQ(eye.exit_code(seconds(5)), 0);
}

TEST(Process, AnswersPingsWhileItComputes) {
  const TempDir dir;
  EyeUnderTest eye;
  ASSERT_TRUE(eye.receive<eye::Ready>(eye::Type::ready)) << eye.errors();
  const Fd big = open_file(dir.put("big.png", encoded(cv::Mat(3000, 3000, CV_8UC3, cv::Scalar::all(7)), ".png")));
  constexpr std::uint32_t kPictures = 3;
  for (std::uint32_t i = 1; i <= kPictures; ++i)
    eye.send(eye::Type::encode_image, eye::EncodeImage{i, false}, {big.get()});
  eye.send(eye::Type::ping, eye::Ping{77});
  const auto pong = eye.receive<eye::Pong>(eye::Type::pong, seconds(2));
  ASSERT_TRUE(pong);
  EXPECT_EQ(pong->token, 77U);
  EXPECT_LT(eye.kept(), kPictures) << "the pong waited for the pictures";
  for (std::uint32_t i = 1; i <= kPictures; ++i) {
    const auto answer = eye.receive<eye::Image>(eye::Type::image);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->request, i);
  }
}

TEST(Process, ReplaysStillsAndClips) {
  const TempDir dir;
  EyeUnderTest eye;
  ASSERT_TRUE(eye.receive<eye::Ready>(eye::Type::ready)) << eye.errors();
  const Fd woman = open_file(dir.put("1.jpg", encoded(scene(Scene::woman_monday), ".jpg")));
  const Fd room = open_file(dir.put("2.jpg", encoded(scene(Scene::nobody), ".jpg")));

  eye.send(eye::Type::open_camera, eye::OpenCamera{5, eye::Source::stills, 0, false, true}, {woman.get(), room.get()});
  std::uint64_t before = 0;
  for (std::uint32_t sequence = 1; sequence <= 4; ++sequence) {
    const auto frame = eye.receive<eye::Frame>(eye::Type::frame);
    ASSERT_TRUE(frame) << eye.errors();
    EXPECT_EQ(frame->session, 5U);
    EXPECT_EQ(frame->sequence, sequence) << "at rate 0 no frame is dropped";
    EXPECT_EQ(frame->sight.encoded, sequence % 2 == 1);
    EXPECT_GT(frame->captured_ns, before);
    before = frame->captured_ns;
  }
  const Fd clip = open_file(dir.put("clip.mp4", make_clip({scene(Scene::man), scene(Scene::man)}, "mp4")));
  eye.send(eye::Type::open_camera, eye::OpenCamera{6, eye::Source::clip, 50, false, true}, {clip.get()});
  for (int frames = 0; frames < 3;) {
    const auto frame = eye.receive<eye::Frame>(eye::Type::frame);
    ASSERT_TRUE(frame) << eye.errors();
    if (frame->session != 6) continue;  // one of the stills was still being measured
    EXPECT_TRUE(frame->sight.encoded);
    ++frames;
  }
  eye.send(eye::Type::close_camera, eye::CloseCamera{6});
  eye.send(eye::Type::open_camera, eye::OpenCamera{7, eye::Source::clip, 30, false, true}, {room.get()});
  const auto failed = eye.receive<eye::CameraFailed>(eye::Type::camera_failed);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->session, 7U);
  EXPECT_EQ(failed->code, Errc::camera_unavailable);
  eye.close_link();
  EXPECT_EQ(eye.exit_code(seconds(5)), 0);
}

TEST(Process, WatchesACameraUntilItIsUnplugged) {
  const TempDir dir;
  dir.put("frame1", encoded(scene(Scene::woman_tuesday), ".jpg"));
  EyeUnderTest eye;
  ASSERT_TRUE(eye.receive<eye::Ready>(eye::Type::ready)) << eye.errors();
  const Fd camera = open_fake_camera(dir.path("frame%d"), {{"FAKEV4L2_UNPLUG_AFTER", "12"}, {"FAKEV4L2_FPS", "30"}});
  ASSERT_TRUE(camera.valid());
  eye.send(eye::Type::open_camera, eye::OpenCamera{9, eye::Source::v4l2, 30, true, true}, {camera.get()});
  const auto frame = eye.receive<eye::Frame>(eye::Type::frame);
  ASSERT_TRUE(frame) << eye.errors();
  EXPECT_TRUE(frame->sight.encoded);
  EXPECT_TRUE(frame->sight.liveness_measured);
  const auto failed = eye.receive<eye::CameraFailed>(eye::Type::camera_failed);
  ASSERT_TRUE(failed);
  EXPECT_EQ(failed->session, 9U);
  EXPECT_EQ(eye.look_at(open_file(dir.path("frame1")).get()).issue, FaceIssue::none);
}

TEST(Process, AKeeperThatTalksNonsenseEndsIt) {
  for (const Blob& bytes : {Blob{200}, Blob{4, 0, 0, 0, 0, 0}}) {
    EyeUnderTest eye;
    ASSERT_TRUE(eye.receive<eye::Ready>(eye::Type::ready)) << eye.errors();
    eye.send_bytes(bytes);
    EXPECT_EQ(eye.exit_code(seconds(5)), 4);
  }
}

}  // namespace
}  // namespace faceauth::vision
