// One half of the analysis beside the other: in order, nothing lost, nothing mixed up, and the same evidence as one
// after the other.
#include <faced/vision/find_ahead.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

using std::chrono::milliseconds;

constexpr Wants kAll{true, true};

bool same(const Sight& a, const Sight& b) {
  return a.issue == b.issue && a.faces == b.faces && a.box == b.box && a.eyes == b.eyes && a.encoded == b.encoded &&
         a.encodings.dlib == b.encodings.dlib && a.encodings.feature == b.encodings.feature &&
         a.quality.sharpness == b.quality.sharpness && a.quality.yaw_deg == b.quality.yaw_deg &&
         a.liveness == b.liveness && a.liveness_near == b.liveness_near && a.surroundings == b.surroundings &&
         a.eyes_open == b.eyes_open && a.fingerprint == b.fingerprint;
}

// Puts each picture as soon as it is asked for, then closes.
std::jthread source_of(std::vector<cv::Mat> pictures, Mailbox& mailbox) {
  return std::jthread([pictures = std::move(pictures), &mailbox](const std::stop_token& stop) {
    std::uint32_t sequence = 0;
    for (const cv::Mat& picture : pictures) {
      if (!mailbox.wait_until_wanted(stop)) return;
      mailbox.put({++sequence, 1000 + sequence, picture});
    }
    if (mailbox.wait_until_wanted(stop)) mailbox.close({Errc::camera_unavailable, "the end"});
  });
}

TEST(FindAhead, GivesWhatOneAfterTheOtherGivesInOrder) {
  // Whoever leaks from one frame into another shows: strangers, an empty room, a picture that is none, over and over.
  std::vector<cv::Mat> pictures;
  for (int round = 0; round < 3; ++round)
    for (const cv::Mat& picture :
         {scene(Scene::woman_monday), scene(Scene::nobody), scene(Scene::man),
          cv::Mat(480, 640, CV_8UC1, cv::Scalar::all(9)), scene(Scene::two_people), scene(Scene::woman_tuesday)})
      pictures.push_back(picture);
  std::vector<Sight> alone;
  for (const cv::Mat& picture : pictures) alone.push_back(analyser().analyse(picture, kAll));
  ASSERT_TRUE(alone.front().encoded);
  ASSERT_EQ(alone[3].issue, FaceIssue::unreadable);

  Mailbox mailbox;
  FindAhead finder(analyser(), kAll, mailbox);
  const std::jthread source = source_of(pictures, mailbox);
  finder.begin();
  for (std::uint32_t i = 0; i < pictures.size(); ++i) {
    const Result<const FoundFrame*> next = finder.next();
    ASSERT_TRUE(next);
    const auto& [frame, found] = **next;
    EXPECT_EQ(frame.sequence, i + 1);
    EXPECT_EQ(frame.captured_ns, 1000 + i + 1);
    EXPECT_TRUE(same(analyser().measure(frame.bgr, found, kAll), alone[i])) << i;
  }
  for (int again = 0; again < 2; ++again) {
    const Result<const FoundFrame*> end = finder.next();
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().message, "the end");
  }
}

TEST(FindAhead, RehearsingChangesNothing) {
  const cv::Mat picture = scene(Scene::woman_monday);
  const Sight before = analyser().analyse(picture, kAll);
  ASSERT_TRUE(before.encoded);
  for (const Wants& wants : {kAll, Wants{true, false}, Wants{false, true}, Wants{false, false}}) {
    analyser().rehearse(wants);
    EXPECT_TRUE(same(analyser().analyse(picture, kAll), before));
  }
  EXPECT_EQ(analyser().analyse(scene(Scene::nobody), kAll).issue, FaceIssue::no_face) << "nobody is left from it";
}

TEST(FindAhead, LooksForOneFaceAheadAndNoFurther) {
  Mailbox mailbox;
  FindAhead finder(analyser(), kAll, mailbox);
  finder.begin();
  std::stop_source stop;
  ASSERT_TRUE(mailbox.wait_until_wanted(stop.get_token()));
  mailbox.put({1, 1, scene(Scene::nobody)});
  // Nobody takes the first, so no second is asked for,
  auto wanted = std::async(std::launch::async, [&] { return mailbox.wait_until_wanted(stop.get_token()); });
  EXPECT_EQ(wanted.wait_for(milliseconds(300)), std::future_status::timeout);
  // and of those that come meanwhile the newest is the next.
  mailbox.put({2, 2, scene(Scene::nobody)});
  mailbox.put({3, 3, scene(Scene::nobody)});
  EXPECT_EQ((*finder.next())->frame.sequence, 1U);
  EXPECT_EQ((*finder.next())->frame.sequence, 3U);
  EXPECT_TRUE(wanted.get());
}

TEST(FindAhead, TouchesNothingBeforeItBegins) {
  Mailbox mailbox;
  {
    const FindAhead finder(analyser(), kAll, mailbox);
    mailbox.put({1, 1, scene(Scene::nobody)});
    std::this_thread::sleep_for(milliseconds(50));
  }
  const Result<WaitingFrame> left = mailbox.take();
  ASSERT_TRUE(left);
  EXPECT_EQ(left->sequence, 1U);
}

TEST(FindAhead, EndsWhereverItsThreadStands) {
  for (const int frames : {0, 1, 2}) {
    Mailbox mailbox;
    FindAhead finder(analyser(), kAll, mailbox);
    finder.begin();
    for (int i = 0; i < frames; ++i) mailbox.put({1, 1, scene(Scene::nobody)});
    std::this_thread::sleep_for(milliseconds(20 * frames));
  }
}

}  // namespace
}  // namespace faceauth::vision
