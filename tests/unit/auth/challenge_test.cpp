#include <faced/auth/challenge.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/mover.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace faceauth {
namespace {

using namespace test;
using std::chrono::milliseconds;
using State = Challenge::State;

Config with(LivenessMode mode) {
  Config config;
  config.liveness = mode;
  return config;
}

std::string text_of(const Movements& movements) {
  std::string text;
  for (const Movement m : movements) text += static_cast<char>('0' + static_cast<int>(m));
  return text;
}

TEST(MovementsFor, AskForThreeInOneOfManyOrdersEachAsLikely) {
  std::multiset<std::string> drawn;
  for (int byte = 0; byte < 256; ++byte) {
    const Movements m = movements_for(with(LivenessMode::active), Intent::none, static_cast<std::uint8_t>(byte));
    ASSERT_EQ(m.size(), 3U);
    drawn.insert(text_of(m));
    const auto times = [&m](Movement one) { return std::count(m.begin(), m.end(), one); };
    EXPECT_GE(times(Movement::turn_left) + times(Movement::turn_right), 1);
    EXPECT_LE(times(Movement::blink), 1);
    EXPECT_EQ(times(Movement::look_straight), 0);
    EXPECT_TRUE(m[0] != m[1] && m[1] != m[2]);
  }
  const std::set<std::string> orders(drawn.begin(), drawn.end());
  EXPECT_EQ(orders.size(), 32U);
  for (const std::string& order : orders) EXPECT_EQ(drawn.count(order), 8U) << order;
}

TEST(MovementsFor, FollowConfigurationAndIntent) {
  for (const LivenessMode mode : {LivenessMode::off, LivenessMode::passive}) {
    EXPECT_TRUE(movements_for(with(mode), Intent::none, 7).empty());
    EXPECT_TRUE(movements_for(with(mode), Intent::enter, 7).empty());
    EXPECT_EQ(movements_for(with(mode), Intent::gesture, 7), Movements{Movement::nod});
  }
  EXPECT_EQ(movements_for(with(LivenessMode::active), Intent::gesture, 7).size(), 3U) << "they are a gesture too";
  EXPECT_EQ(time_for(Movements{}).count(), 0);
  EXPECT_EQ(time_for({Movement::nod}), milliseconds(3000 + 4000 + 3000)) << "at rest, nodding, and at rest again";
  EXPECT_EQ(time_for({Movement::nod, Movement::blink}), milliseconds(2 * 7000 + 3000));
}

TEST(Challenge, WhoDoesAsToldPassesInEveryOrder) {
  for (int byte = 0; byte < 32; ++byte) {
    const Movements movements =
        movements_for(with(LivenessMode::active), Intent::none, static_cast<std::uint8_t>(byte));
    Person person(movements);
    EXPECT_EQ(person.obey_all(), State::passed) << text_of(movements);
    EXPECT_EQ(person.show(kStill, 50), State::passed) << "it stays so";
    EXPECT_LT(person.now - Steady{}, time_for(movements));
  }
}

TEST(Challenge, MovementsAreToldOneByOne) {
  Person person({Movement::turn_left, Movement::nod});
  EXPECT_EQ(person.challenge.asked(), Movement::look_straight);
  person.show(kStill, 3);
  EXPECT_EQ(person.challenge.asked(), Movement::turn_left);
  person.show(kLeft, 2);
  EXPECT_EQ(person.challenge.asked(), Movement::look_straight);
  person.show(kStill, 3);
  EXPECT_EQ(person.challenge.asked(), Movement::nod);
  EXPECT_EQ(person.show(kUp, 2), State::running) << "either way is a nod";
  EXPECT_EQ(person.challenge.asked(), Movement::look_straight);
  EXPECT_EQ(person.show(kStill), State::passed);
}

TEST(Challenge, WhatDoesNotMoveFails) {
  for (const Movement movement : {Movement::turn_left, Movement::turn_right, Movement::nod, Movement::blink}) {
    Person person({movement});
    EXPECT_EQ(person.show(kStill, 3 + 4000 / kFrameMs - 2), State::running);
    EXPECT_EQ(person.show(kStill, 5), State::failed) << "its time is up";
    EXPECT_EQ(person.obey_all(), State::failed) << "it stays so";
  }
}

TEST(Challenge, AnotherMovementThanAskedForFails) {
  const struct {
    Movement asked;
    Pose shown;
  } table[] = {{Movement::turn_left, kRight}, {Movement::turn_right, kLeft}, {Movement::nod, kLeft},
               {Movement::nod, kRight},       {Movement::blink, kLeft},      {Movement::blink, kDown},
               {Movement::turn_left, kDown},  {Movement::turn_right, kUp}};
  for (const auto& row : table) {
    Person person({row.asked});
    person.show(kStill, 3);
    ASSERT_EQ(person.challenge.asked(), row.asked);
    EXPECT_EQ(person.show(row.shown, 1), State::running) << "a slip is none";
    EXPECT_EQ(person.show(row.shown, 1), State::failed);
    EXPECT_EQ(person.challenge.failure(), Challenge::Failure::not_as_told);
  }
}

TEST(Challenge, OtherMovementsAddUpOverTheStep) {
  Person person({Movement::blink, Movement::turn_left});
  person.show(kStill, 3);
  EXPECT_EQ(person.show(kLeft), State::running);
  EXPECT_EQ(person.show(kStill, 10), State::running);
  EXPECT_EQ(person.show(kDown), State::failed) << "neither rest nor another kind begins anew";

  Person two({Movement::blink, Movement::turn_left});
  two.show(kStill, 3);
  two.show(kLeft);
  two.show(kShut);
  two.show(kStill, 4);
  ASSERT_EQ(two.challenge.asked(), Movement::turn_left);
  EXPECT_EQ(two.show(kRight), State::running) << "each step has its own";

  Person back({Movement::turn_left, Movement::nod});
  back.show(kStill, 3);
  back.show(kLeft, 2);
  ASSERT_EQ(back.challenge.asked(), Movement::look_straight);
  EXPECT_EQ(back.show(kLeft, 5), State::running) << "what is left of the movement";
  EXPECT_EQ(back.show(kRight, 2), State::failed) << "while coming to rest as well";
}

// Else the way back to where the head rested would be another movement.
TEST(Challenge, AMovementThatIsHeldIsNoRest) {
  for (const auto& [asked, held] : {std::pair{Movement::turn_left, kLeft}, {Movement::nod, kDown}}) {
    Person person({asked, Movement::turn_right});
    person.show(kStill, 3);
    person.show(held, 20);
    EXPECT_EQ(person.challenge.asked(), Movement::look_straight);
    EXPECT_EQ(person.show(kStill, 3), State::running);
    EXPECT_EQ(person.challenge.asked(), Movement::turn_right);
  }
}

using Recording = std::vector<Pose>;

// Each pose for so many frames, and rest before it.
Recording recording_of(const std::vector<Pose>& poses, int frames) {
  Recording recording;
  for (const Pose& pose : poses) {
    recording.insert(recording.end(), 4, kStill);
    recording.insert(recording.end(), pose.eyes < 0.5F ? 1 : static_cast<std::size_t>(frames), pose);
  }
  recording.push_back(kStill);
  return recording;
}

// The recording over and over, from each of its frames against all orders: the most that it obeys from one frame.
unsigned most_obeyed(const Recording& recording) {
  unsigned most = 0;
  for (std::size_t start = 0; start < recording.size(); ++start) {
    unsigned obeyed = 0;
    for (int byte = 0; byte < 32; ++byte) {
      Person person(movements_for(with(LivenessMode::active), Intent::none, static_cast<std::uint8_t>(byte)));
      for (std::size_t i = 0; i < 400 && person.challenge.state() == State::running; ++i)
        person.show(recording[(start + i) % recording.size()]);
      if (person.challenge.state() == State::passed) ++obeyed;
    }
    most = std::max(most, obeyed);
  }
  return most;
}

// It obeys the orders in which it happens to run. That is one, and another where it shows shut eyes: they pass for a
// blink where one is asked for, and are nothing where it is not.
TEST(Challenge, ARecordingObeysTheOrdersItHappensToRunIn) {
  for (const int frames : {2, 3, 7}) {
    EXPECT_EQ(most_obeyed(recording_of({kLeft, kDown, kRight}, frames)), 1U) << frames;
    EXPECT_EQ(most_obeyed(recording_of({kLeft, kDown, kRight, kShut}, frames)), 2U) << frames;
    EXPECT_EQ(most_obeyed(recording_of({kShut, kLeft, kShut, kDown, kShut, kRight}, frames)), 4U) << "at worst";
  }
  EXPECT_EQ(most_obeyed(recording_of({kLeft, kDown, kRight}, 1)), 0U) << "too short for any";
}

TEST(Challenge, EachMovementStartsFromRest) {
  Person person({Movement::turn_left});
  EXPECT_EQ(person.show(kLeft, 20), State::running) << "turned away all the time";
  EXPECT_EQ(person.challenge.asked(), Movement::look_straight);
  EXPECT_EQ(person.show(kLeft, 30), State::failed) << "rest has its time too";
}

TEST(Challenge, BlinkingNeedsEyesThatShutAndOpen) {
  Person person({Movement::blink});
  person.show(kStill, 3);
  EXPECT_EQ(person.show(kShut, 10), State::running);
  EXPECT_EQ(person.show(kStill, 2), State::passed);
  Person always_shut({Movement::blink});
  EXPECT_EQ(always_shut.show(kShut, 3), State::running);
  EXPECT_NE(always_shut.challenge.asked(), Movement::blink) << "of eyes that cannot be read another movement is asked";
  EXPECT_EQ(always_shut.show(kShut, 100), State::failed);
}

TEST(Challenge, InsteadOfABlinkThereIsAMovementThatIsNotItsNeighbours) {
  for (const Movements& order : {Movements{Movement::blink, Movement::nod, Movement::turn_left},
                                 Movements{Movement::nod, Movement::blink, Movement::turn_left},
                                 Movements{Movement::turn_left, Movement::turn_right, Movement::blink}}) {
    Person narrow(order);
    narrow.eyes = 0.3F;
    std::string done;
    for (int i = 0; i < 60 && narrow.challenge.state() == State::running; ++i) {
      const Movement asked = narrow.challenge.asked();
      EXPECT_NE(asked, Movement::blink);
      if (asked != Movement::look_straight) {
        EXPECT_TRUE(done.empty() || done.back() != text_of({asked}).back());
        done += text_of({asked});
      }
      narrow.obey(asked);
    }
    EXPECT_EQ(narrow.challenge.state(), State::passed);
    EXPECT_EQ(done.size(), 3U);
  }
}

// Landmarks that slip turn a head that stays where it is; a print that is moved about keeps its landmarks.
TEST(Challenge, AnglesAndTheWayOfTheEyesMustAgree) {
  Person slips({Movement::turn_left});
  slips.show(kStill, 3);
  Sight there = seen(kLeft, slips.who);
  there.eyes = seen(kStill, slips.who).eyes;
  EXPECT_EQ(slips.show(there, 20), State::running);
  Sight back = seen(kLeft, slips.who);
  back.eyes = seen(kRight, slips.who).eyes;
  EXPECT_EQ(slips.show(back, 20), State::running);
  slips.show(kLeft, 2);
  EXPECT_EQ(slips.show(kStill), State::passed);

  Person print({Movement::nod});
  print.show(kStill, 3);
  Sight moved = seen(kStill, print.who);
  moved.eyes = seen(kDown, print.who).eyes;
  EXPECT_EQ(print.show(moved, 70), State::failed);
}

TEST(Challenge, WithoutMovementsOrReferenceNobodyPasses) {
  Challenge nothing(Person::policy(), {}, secret(ann()));
  EXPECT_EQ(nothing.observe(seen(kStill, ann()), Steady{}), State::failed);
  Secret<Encodings> moved = secret(ann());
  const Secret<Encodings> owner = std::move(moved);
  Challenge nobody(Person::policy(), {Movement::nod}, std::move(moved));
  EXPECT_EQ(nobody.observe(seen(kStill, ann()), Steady{}), State::failed);
}

TEST(Challenge, FramesOutOfOrderAreNotSeen) {
  Person person({Movement::turn_left});
  person.show(kStill, 3);
  person.challenge.observe(seen(kLeft, person.who), person.now - milliseconds(500));
  person.challenge.observe(seen(kLeft, person.who), person.now - milliseconds(400));
  EXPECT_EQ(person.challenge.state(), State::running);
}

}  // namespace
}  // namespace faceauth
