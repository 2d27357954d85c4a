#include <faced/vision/mailbox.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace faceauth::vision {
namespace {

WaitingFrame frame(std::uint32_t sequence) { return {sequence, 0, {}}; }

TEST(Mailbox, KeepsOnlyTheNewestFrame) {
  Mailbox mailbox;
  mailbox.put(frame(1));
  mailbox.put(frame(2));
  EXPECT_EQ(mailbox.take()->sequence, 2U);
}

TEST(Mailbox, CloseEndsTheTakerAndTellsWhy) {
  Mailbox mailbox;
  auto taken = std::async(std::launch::async, [&] { return mailbox.take(); });
  mailbox.close({Errc::camera_unavailable, "unplugged"});
  mailbox.close({Errc::internal, "later"});
  const Result<WaitingFrame> ended = taken.get();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().message, "unplugged");
}

TEST(Mailbox, AFrameBeforeTheEndIsStillGivenOut) {
  Mailbox mailbox;
  mailbox.put(frame(1));
  mailbox.close({Errc::camera_unavailable, "unplugged"});
  EXPECT_TRUE(mailbox.take());
  EXPECT_FALSE(mailbox.take());
}

TEST(Mailbox, IsWantedOnlyWhileTheTakerWaits) {
  Mailbox mailbox;
  std::stop_source stop;
  auto wanted = std::async(std::launch::async, [&] { return mailbox.wait_until_wanted(stop.get_token()); });
  EXPECT_EQ(wanted.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout) << "nobody takes";
  auto taken = std::async(std::launch::async, [&] { return mailbox.take().has_value(); });
  EXPECT_TRUE(wanted.get());
  mailbox.put(frame(1));
  EXPECT_TRUE(taken.get());
}

TEST(Mailbox, StopEndsTheWaitingForDemand) {
  Mailbox mailbox;
  std::stop_source stop;
  auto wanted = std::async(std::launch::async, [&] { return mailbox.wait_until_wanted(stop.get_token()); });
  stop.request_stop();
  EXPECT_FALSE(wanted.get());
}

}  // namespace
}  // namespace faceauth::vision
