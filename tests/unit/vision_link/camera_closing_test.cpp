// A driver can hang in close() as in open(), so the event loop's thread closes no camera, whatever becomes of one that
// was opened.
#include <dlfcn.h>
#include <faced/vision_link/eye.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <tests/support/built.h>
#include <tests/unit/support/temp_dir.h>
#include <tests/unit/vision_link/outcome_of.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace {

// Of the fake camera's devices, by this program.
std::atomic<int> closed_here = 0, closed_elsewhere = 0;
std::atomic<pid_t> event_loop = 0;

bool is_camera(int fd) {
  std::array<char, 64> name{};
  const ssize_t size = ::readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), name.data(), name.size());
  return size > 0 &&
         std::string_view(name.data(), static_cast<std::size_t>(size)).find("fakev4l2") != std::string::npos;
}

}  // namespace

extern "C" int close(int fd) {
  if (event_loop != 0 && is_camera(fd)) ++(::gettid() == event_loop ? closed_here : closed_elsewhere);
  static const auto next =
      reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "close"));  // a sanitizer's, if there is one
  return next(fd);
}

namespace faceauth {
namespace {

using std::chrono::milliseconds;
using test::outcome_of;

Steady in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

class CameraClosing : public testing::Test {
 protected:
  using Watched = std::optional<Result<std::unique_ptr<Viewer>>>;

  CameraClosing() {
    ::setenv("FAKEV4L2_DEV", "/dev/video42", 1);
    ::setenv("FAKEV4L2_HANGS", hangs.c_str(), 1);
    config.camera.device = "/dev/video42";
    config.camera.allow_replay = true;
    closed_here = closed_elsewhere = 0;
    event_loop = ::gettid();
    eye.emplace(io, test::built::kStandInEye, config);
    eye->start();
  }
  ~CameraClosing() override {
    eye.reset();
    event_loop = 0;
    for (const char* name : {"FAKEV4L2_DEV", "FAKEV4L2_HANGS"}) ::unsetenv(name);
  }
  void SetUp() override { ASSERT_TRUE(outcome_of(io, eye->ready(in(milliseconds(5000))))); }

  void begin_to_watch(Watched& watched) {
    boost::asio::co_spawn(io, eye->watch(config, in(milliseconds(20'000))),
                          [&watched](const std::exception_ptr&, Result<std::unique_ptr<Viewer>> viewer) {
                            watched.emplace(std::move(viewer));
                          });
  }
  // As every request does.
  boost::asio::awaitable<Result<std::unique_ptr<Viewer>>> watch_once_ready() {
    (void)co_await eye->ready(in(milliseconds(20'000)));
    co_return co_await eye->watch(config, in(milliseconds(20'000)));
  }
  template <class Holds>
  bool becomes(Holds holds) {
    for (const Steady end = in(milliseconds(10'000)); !holds() && std::chrono::steady_clock::now() < end;)
      io.run_one_for(milliseconds(20));
    return holds();
  }
  void expect_closed(int cameras) {
    EXPECT_TRUE(becomes([&] { return closed_here + closed_elsewhere >= cameras; }));
    EXPECT_EQ(closed_elsewhere, cameras);
    EXPECT_EQ(closed_here, 0) << "by the thread of everybody's requests";
  }

  test::TempDir dir;
  const std::string hangs = dir / "hangs";
  Config config;
  boost::asio::io_context io;
  std::optional<Eye> eye;
};

TEST_F(CameraClosing, OfOneThatIsHandedToAWorker) {
  Watched watched;
  begin_to_watch(watched);
  ASSERT_TRUE(becomes([&] { return watched.has_value(); }));
  EXPECT_TRUE(*watched);
  expect_closed(1);
}

TEST_F(CameraClosing, OfOneThatIsRefused) {
  config.camera.kind = CameraKind::any;
  ::setenv("FAKEV4L2_FORMAT", "GREY", 1);
  Watched watched;
  begin_to_watch(watched);
  ASSERT_TRUE(becomes([&] { return watched.has_value(); }));
  ::unsetenv("FAKEV4L2_FORMAT");
  ASSERT_FALSE(*watched);
  EXPECT_EQ(watched->error().code, Errc::not_permitted) << "infrared alone, where liveness is passive";
  expect_closed(1);
}

TEST_F(CameraClosing, OfOneThatNobodyIsLeftToLookAt) {
  (void)dir.write("hangs", "");
  Watched watched;
  begin_to_watch(watched);
  io.run_for(milliseconds(100));
  eye->stop();
  std::filesystem::remove(hangs);
  ASSERT_TRUE(becomes([&] { return watched.has_value(); }));
  ASSERT_FALSE(*watched);
  expect_closed(1);
}

// The eye is lost while the first one's camera is opened; until it is there again, another one comes. Both open the
// camera.
TEST_F(CameraClosing, OfTheOneThatLosesARace) {
  (void)dir.write("hangs", "");
  Watched first, second;
  begin_to_watch(first);
  io.run_for(milliseconds(100));
  ASSERT_EQ(::kill(static_cast<pid_t>(eye->pid()), SIGKILL), 0);
  ASSERT_TRUE(becomes([&] { return !eye->models(); }));
  boost::asio::co_spawn(io, watch_once_ready(),
                        [&second](const std::exception_ptr&, Result<std::unique_ptr<Viewer>> viewer) {
                          second.emplace(std::move(viewer));
                        });
  io.poll();  // it waits for the eye before the first one does
  std::filesystem::remove(hangs);
  ASSERT_TRUE(becomes([&] { return first && second; }));
  EXPECT_TRUE(*first) << first->error().message;
  EXPECT_TRUE(*second) << second->error().message;
  expect_closed(2);
}

}  // namespace
}  // namespace faceauth
