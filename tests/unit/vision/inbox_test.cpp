#include <faced/vision/inbox.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

namespace faceauth::vision {
namespace {

FrameJob frame(std::uint32_t sequence) { return {1, sequence, 0, {}, {}}; }

TEST(Inbox, KeepsOnlyTheNewestFrameAndAllPictures) {
  Inbox inbox;
  inbox.put(frame(1));
  EXPECT_TRUE(inbox.put(PictureJob{10, false, Fd()}));
  inbox.put(frame(2));
  EXPECT_TRUE(inbox.put(PictureJob{11, false, Fd()}));
  EXPECT_EQ(std::get<PictureJob>(*inbox.take()).request, 10U);
  EXPECT_EQ(std::get<PictureJob>(*inbox.take()).request, 11U);
  EXPECT_EQ(std::get<FrameJob>(*inbox.take()).sequence, 2U);
}

TEST(Inbox, IsBounded) {
  Inbox inbox;
  for (std::size_t i = 0; i < Inbox::kPicturesMax; ++i) ASSERT_TRUE(inbox.put(PictureJob{}));
  EXPECT_FALSE(inbox.put(PictureJob{}));
}

TEST(Inbox, AForgottenFrameIsNotTaken) {
  Inbox inbox;
  inbox.put(frame(1));
  inbox.forget_frame();
  ASSERT_TRUE(inbox.put(PictureJob{5, false, Fd()}));
  EXPECT_TRUE(std::holds_alternative<PictureJob>(*inbox.take()));
}

TEST(Inbox, CloseEndsTheTaker) {
  Inbox inbox;
  auto taken = std::async(std::launch::async, [&] { return inbox.take().has_value(); });
  inbox.close();
  EXPECT_FALSE(taken.get());
}

TEST(Inbox, IsWantedOnlyWhileTheTakerWaits) {
  Inbox inbox;
  std::jthread taker([&] {
    while (inbox.take()) {
    }
  });
  EXPECT_TRUE(inbox.wait_until_wanted({}));
  inbox.close();
  EXPECT_FALSE(inbox.wait_until_wanted({}));
}

TEST(Inbox, AStopRequestEndsTheWait) {
  Inbox inbox;
  std::promise<bool> wanted;
  std::jthread waiter([&](const std::stop_token& stop) { wanted.set_value(inbox.wait_until_wanted(stop)); });
  waiter.request_stop();
  EXPECT_FALSE(wanted.get_future().get());
}

}  // namespace
}  // namespace faceauth::vision
