#include <faced/auth/challenge.h>
#include <faced/auth/thresholds.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/people.h>

#include <algorithm>
#include <set>
#include <string>

namespace faceauth {
namespace {

using std::chrono::milliseconds;
using State = Challenge::State;
using test::away;
using test::person;
using test::secret;

constexpr int kFrameMs = 66;

struct Pose {
  float yaw = 0, pitch = 0, eyes = 0.95F;
};
constexpr Pose kStill{};
constexpr Pose kLeft{.yaw = 25}, kRight{.yaw = -25}, kDown{.pitch = -18}, kUp{.pitch = 18}, kShut{.eyes = 0.05F};

const Encodings& ann() {
  static const Encodings e = person(1);
  return e;
}

Sight seen(const Pose& pose, const Encodings& who) {
  Sight sight = test::live(who, 0.9F);
  sight.box = {200, 100, 180, 180};
  sight.quality.yaw_deg = pose.yaw;
  sight.quality.pitch_deg = pose.pitch;
  sight.eyes = {290 + 2 * pose.yaw, 160 - 2 * pose.pitch};
  sight.eyes_open = pose.eyes;
  return sight;
}

// Somebody before the camera.
class Person {
 public:
  explicit Person(Movements movements) : challenge(policy(), std::move(movements), secret(ann())) {}

  static ChallengePolicy policy() { return challenge_policy(Config{}); }

  State show(const Sight& sight, int times = 1, int every_ms = kFrameMs) {
    while (times-- > 0) challenge.observe(sight, now += milliseconds(every_ms));
    return challenge.state();
  }
  State show(Pose pose, int times = 1) {
    pose.eyes *= eyes;
    return show(seen(pose, who), times);
  }

  // Does what a movement asks for, and comes back.
  State obey(Movement movement) {
    switch (movement) {
      case Movement::turn_left:
        return sway(kLeft);
      case Movement::turn_right:
        return sway(kRight);
      case Movement::nod:
        return sway(kDown);
      case Movement::blink:
        show(kShut, 3);
        return show(kStill, 2);
      case Movement::look_straight:
        break;
    }
    return show(kStill);
  }
  // As told, until it is over.
  State obey_all() {
    for (int steps = 0; steps < 200 && challenge.state() == State::running; ++steps) obey(challenge.asked());
    return challenge.state();
  }

  Encodings who = away(ann(), 0.7F, 0.4F);
  float eyes = 1;  // how open they look to the network
  Challenge challenge;
  Steady now{};

 private:
  State sway(const Pose& far) {
    for (const float part : {0.3F, 0.7F, 1.0F, 1.0F, 0.7F, 0.3F, 0.0F})
      show(Pose{.yaw = far.yaw * part, .pitch = far.pitch * part});
    return challenge.state();
  }
};

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
  EXPECT_EQ(time_for({Movement::nod, Movement::blink}), 2 * time_for({Movement::nod}));
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
  EXPECT_EQ(person.show(kUp, 2), State::passed) << "either way is a nod";
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
    EXPECT_EQ(person.show(row.shown, 2), State::running) << "a slip is none";
    EXPECT_EQ(person.show(row.shown, 1), State::failed);
  }
}

// A recording of all movements, over and over, whatever is asked for.
TEST(Challenge, ARecordingThatShowsEverythingFailsInEveryOrder) {
  const Pose recorded[] = {kStill, kStill, kStill, kStill, kLeft,  kLeft,  kLeft,  kStill,
                           kStill, kStill, kDown,  kDown,  kDown,  kStill, kStill, kStill,
                           kRight, kRight, kRight, kStill, kStill, kShut,  kShut,  kStill};
  unsigned passed = 0;
  for (int byte = 0; byte < 32; ++byte)
    for (std::size_t start = 0; start < std::size(recorded); ++start) {
      Person person(movements_for(with(LivenessMode::active), Intent::none, static_cast<std::uint8_t>(byte)));
      for (std::size_t i = 0; i < 400 && person.challenge.state() == State::running; ++i)
        person.show(recorded[(start + i) % std::size(recorded)]);
      if (person.challenge.state() == State::passed) ++passed;
    }
  // Only the order in which the recording happens to run can pass, and that from some of its frames.
  EXPECT_LE(passed, 32 * std::size(recorded) / 12);
}

TEST(Challenge, EachMovementStartsFromRest) {
  Person person({Movement::turn_left});
  EXPECT_EQ(person.show(kLeft, 20), State::running) << "turned away all the time";
  EXPECT_EQ(person.challenge.asked(), Movement::look_straight);
  EXPECT_EQ(person.show(kLeft, 30), State::failed) << "rest has its time too";
}

TEST(Challenge, WhoMovesMustBeTheUser) {
  for (const Encodings& other : {person(2), away(ann(), 1.1F, 0.4F), away(ann(), 0.7F, 0.8F)}) {
    Person person({Movement::turn_left, Movement::nod});
    person.who = other;
    EXPECT_EQ(person.obey_all(), State::failed);
  }
  // A photo that rests, and somebody else who moves in its place.
  Person person({Movement::turn_left});
  person.show(kStill, 3);
  EXPECT_EQ(person.show(seen(kLeft, away(ann(), 1.25F, 0.5F)), 2), State::failed);
}

TEST(Challenge, AFaceThatVanishesOrJumpsIsAnother) {
  Person gone({Movement::turn_left});
  gone.show(kStill, 3);
  EXPECT_EQ(gone.show(test::nothing(FaceIssue::no_face), 14), State::running);
  EXPECT_EQ(gone.show(kLeft), State::running) << "a moment is no matter";
  EXPECT_EQ(gone.show(test::nothing(FaceIssue::no_face), 16), State::failed);

  Person jumps({Movement::turn_left});
  jumps.show(kStill, 3);
  Sight aside = seen(kLeft, jumps.who);
  aside.box = {20, 100, 180, 180};
  EXPECT_EQ(jumps.show(aside), State::failed);
}

TEST(Challenge, BlinkingNeedsEyesThatShutAndOpen) {
  Person person({Movement::blink});
  person.show(kStill, 3);
  EXPECT_EQ(person.show(kShut, 10), State::running);
  EXPECT_EQ(person.show(kStill), State::passed);
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
  EXPECT_EQ(slips.show(kLeft, 2), State::passed);

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
