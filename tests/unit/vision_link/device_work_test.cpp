#include <faced/vision_link/device_work.h>

#include <gtest/gtest.h>
#include <tests/unit/vision_link/outcome_of.h>
#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

namespace faceauth {
namespace {

using std::chrono::milliseconds;
using test::outcome_of;

Steady in(milliseconds time) { return std::chrono::steady_clock::now() + time; }

// A driver that does not answer until it is let go.
struct Driver {
  std::atomic<bool> hangs = true;
  std::atomic<int> calls = 0, ended = 0;
};

class DeviceWorkTest : public testing::Test {
 protected:
  Result<int> call(milliseconds within) {
    const auto work = [driver = driver] {
      ++driver->calls;
      while (driver->hangs) std::this_thread::sleep_for(milliseconds(5));
      ++driver->ended;
      return 42;
    };
    return outcome_of(io, device->run(work, in(within)));
  }
  void let_go() {
    driver->hangs = false;
    while (driver->ended < driver->calls) std::this_thread::sleep_for(milliseconds(5));
  }
  void TearDown() override { let_go(); }

  std::shared_ptr<Driver> driver = std::make_shared<Driver>();
  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> goes_on{io.get_executor()};
  std::optional<DeviceWork> device{io};
};

TEST_F(DeviceWorkTest, GivesWhatTheDriverAnswers) {
  driver->hangs = false;
  for (int again = 0; again < 3; ++again) {
    ASSERT_TRUE(outcome_of(io, device->idle(in(milliseconds(1000)))));
    const Result<int> answer = call(milliseconds(1000));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, 42);
  }
}

TEST_F(DeviceWorkTest, ADriverThatHangsHoldsNobodyAndStartsNoFurtherThread) {
  const Steady begun = std::chrono::steady_clock::now();
  EXPECT_EQ(call(milliseconds(100)).error().code, Errc::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(2000));
  EXPECT_TRUE(device->under_way());
  EXPECT_FALSE(outcome_of(io, device->idle(in(milliseconds(100)))));
  EXPECT_FALSE(outcome_of(io, device->idle(in(milliseconds(60'000))))) << "nobody waits a minute for what hangs";
  EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(20'000));
  EXPECT_EQ(call(milliseconds(60'000)).error().code, Errc::camera_unavailable) << "at once";
  EXPECT_EQ(driver->calls, 1);

  let_go();
  EXPECT_TRUE(outcome_of(io, device->idle(in(milliseconds(2000))))) << "the device answers again";
  EXPECT_EQ(call(milliseconds(2000)).value_or(0), 42);
}

TEST_F(DeviceWorkTest, OneCallAtATimeAndOthersTakeTheirTurn) {
  std::optional<bool> turn;
  (void)call(milliseconds(50));
  boost::asio::co_spawn(io, device->idle(in(milliseconds(3000))),
                        [&turn](const std::exception_ptr&, bool idle) { turn = idle; });
  driver->hangs = false;
  while (!turn) io.run_one();
  EXPECT_TRUE(*turn);
  EXPECT_FALSE(device->under_way());
}

TEST_F(DeviceWorkTest, WhatHangsOutlivesWhoeverWaitedForIt) {
  EXPECT_FALSE(call(milliseconds(50)));
  device.reset();
  let_go();
  io.run_for(milliseconds(50));
}

// Closing what was opened too late may hang as well.
TEST_F(DeviceWorkTest, WhatComesTooLateIsDestroyedOnItsOwnThread) {
  const auto destroyed_on = std::make_shared<std::atomic<std::thread::id>>();
  const auto open = [driver = driver, destroyed_on] {
    ++driver->calls;
    while (driver->hangs) std::this_thread::sleep_for(milliseconds(5));
    ++driver->ended;
    return std::shared_ptr<void>(nullptr, [destroyed_on](void*) { *destroyed_on = std::this_thread::get_id(); });
  };
  EXPECT_FALSE(outcome_of(io, device->run(open, in(milliseconds(50)))));
  let_go();
  EXPECT_TRUE(outcome_of(io, device->idle(in(milliseconds(2000)))));
  EXPECT_NE(destroyed_on->load(), std::thread::id());
  EXPECT_NE(destroyed_on->load(), std::this_thread::get_id());
}

// One that is closed may hang, too, and is then waited for like one that is opened.
TEST_F(DeviceWorkTest, WhatIsDiscardedIsDestroyedOnAThreadOfItsOwnAfterWhatIsUnderWay) {
  const auto destroyed_on = std::make_shared<std::atomic<std::thread::id>>();
  const auto closing_hangs = std::make_shared<std::atomic<bool>>(true);
  EXPECT_FALSE(call(milliseconds(50)));
  device->discard(std::shared_ptr<void>(nullptr, [destroyed_on, closing_hangs](void*) {
    while (*closing_hangs) std::this_thread::sleep_for(milliseconds(5));
    *destroyed_on = std::this_thread::get_id();
  }));
  let_go();
  EXPECT_FALSE(outcome_of(io, device->idle(in(milliseconds(300)))));
  EXPECT_EQ(call(milliseconds(50)).error().code, Errc::timed_out);
  EXPECT_EQ(driver->calls, 1);
  *closing_hangs = false;
  EXPECT_TRUE(outcome_of(io, device->idle(in(milliseconds(2000)))));
  EXPECT_NE(destroyed_on->load(), std::thread::id());
  EXPECT_NE(destroyed_on->load(), std::this_thread::get_id());
  EXPECT_EQ(call(milliseconds(1000)).value_or(0), 42);
}

}  // namespace
}  // namespace faceauth
