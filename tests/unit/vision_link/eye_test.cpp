#include <faced/vision_link/eye.h>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <tests/unit/support/temp_dir.h>
#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;

Steady in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

// With the stand-in eye, whose pictures are words.
class EyeOfKeeper : public testing::Test {
 protected:
  void SetUp() override {
    (void)dir.write("view000.jpg", "empty");
    config.camera.device = "replay:" + dir.path() + "/view%03d.jpg";
    config.camera.allow_replay = true;
    eye.emplace(io, FACEAUTH_STAND_IN_EYE, config);
    eye->start();
    ASSERT_TRUE(outcome_of(eye->ready(in(milliseconds(5000)))));
  }
  template <class T>
  T outcome_of(boost::asio::awaitable<T> work) {
    std::optional<T> outcome;
    boost::asio::co_spawn(io, std::move(work),
                          [&outcome](const std::exception_ptr&, T result) { outcome.emplace(std::move(result)); });
    while (!outcome) io.run_one();
    return *std::move(outcome);
  }
  bool takes_work() { return outcome_of(eye->ready(in(milliseconds(0)))).has_value(); }
  Result<Secret<eye::Image>> photo(const char* words) {
    Fd file(::open(dir.write("photo", words).c_str(), O_RDONLY | O_CLOEXEC));
    return outcome_of(eye->encode(std::move(file), false, in(milliseconds(5000)), milliseconds(5000)));
  }

  test::TempDir dir;
  Config config;
  boost::asio::io_context io;
  std::optional<Eye> eye;
};

TEST_F(EyeOfKeeper, OneCameraServesEverybodyWhoWatches) {
  const auto first = eye->watch(config), second = eye->watch(config);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_TRUE(outcome_of((*first)->next(in(milliseconds(5000)))));
  EXPECT_TRUE(outcome_of((*second)->next(in(milliseconds(5000)))));
}

// Between ready() and watch() a caller waits for other things, and a worker may die meanwhile.
TEST_F(EyeOfKeeper, NoSessionIsForkedFromAProcessWhoseWorkerDied) {
  auto in_the_way = eye->watch(config);  // while somebody watches, the process is not replaced yet
  ASSERT_TRUE(in_the_way);
  EXPECT_TRUE(photo("face 1"));
  EXPECT_TRUE(takes_work());
  ASSERT_FALSE(photo("crash"));
  for (const Steady end = in(milliseconds(1000)); takes_work() && std::chrono::steady_clock::now() < end;)
    io.run_one_for(milliseconds(20));
  ASSERT_FALSE(takes_work());
  ASSERT_TRUE(eye->models()) << "it is gone already: the test came too late";

  const auto refused = eye->watch(config);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::eye_failed);

  in_the_way->reset();
  ASSERT_TRUE(outcome_of(eye->ready(in(milliseconds(5000))))) << "another took its place";
  EXPECT_EQ(eye->restarts(), 1U);
  EXPECT_TRUE(eye->watch(config));
}

}  // namespace
}  // namespace faceauth
