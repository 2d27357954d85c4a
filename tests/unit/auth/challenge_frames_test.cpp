// Whose frames a challenge takes: the user's, where he was, new and live.
#include <faced/auth/challenge.h>
#include <faced/auth/thresholds.h>

#include <gtest/gtest.h>
#include <tests/unit/auth/mover.h>

#include <optional>
#include <utility>

namespace faceauth {
namespace {

using namespace test;
using std::chrono::milliseconds;
using State = Challenge::State;

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
  EXPECT_EQ(person.challenge.failure(), Challenge::Failure::other_face);
  // One of whom only dlib says that he is another.
  Person like({Movement::turn_left});
  like.show(kStill, 3);
  EXPECT_EQ(like.show(seen(kLeft, away(ann(), 0.9F, 0.7F)), 2), State::failed);
}

TEST(Challenge, TheUserIsSeenAtRestAfterTheLastMovement) {
  for (const Encodings& other : {away(ann(), 1.1F, 0.4F), away(ann(), 0.7F, 0.7F)}) {
    Person person({Movement::turn_left});
    person.show(kStill, 3);
    person.show(kLeft, 2);
    EXPECT_EQ(person.show(kLeft, 5), State::running);
    const Encodings user = std::exchange(person.who, other);
    EXPECT_EQ(person.show(kStill, 30), State::running) << "near enough for a frame, too far for the user";
    person.who = user;
    EXPECT_EQ(person.show(kStill), State::passed);
    Person never({Movement::turn_left});
    never.show(kStill, 3);
    never.show(kLeft, 2);
    never.who = other;
    EXPECT_EQ(never.show(kStill, 50), State::failed);
  }
}

// Who was recognised by templates that adapted (adaptation.h) is the one who moves, and nobody farther from the core.
TEST(Challenge, WhoWasAdmittedByAdaptedTemplatesMayMove) {
  const MatchThresholds level = match_thresholds(Config{});
  const Encodings changed = away(ann(), level.feature + 0.01F, 0.3F, 7);
  const Encodings too_far = away(ann(), core_bound(level).feature + 0.03F, 0.3F, 7);
  const auto moves = [](const Encodings& who, const std::optional<Encodings>& adapted) {
    References whom{secret(ann()), std::nullopt};
    if (adapted) whom.widened = secret(*adapted);
    Person person({Movement::turn_left, Movement::nod}, std::move(whom));
    person.who = who;
    return person.obey_all();
  };
  EXPECT_EQ(moves(changed, std::nullopt), State::failed);
  EXPECT_EQ(moves(changed, away(ann(), level.feature / 2, 0.1F, 7)), State::passed);
  EXPECT_EQ(moves(too_far, too_far), State::failed) << "whatever has joined";
  EXPECT_EQ(moves(person(2), away(ann(), level.feature / 2, 0.1F, 7)), State::failed);
}

TEST(Challenge, AnEncodersOwnDistancesHold) {
  Config config;
  config.encoder.calibration = EncoderCalibration{.convenient = 0.8F,
                                                  .balanced = 0.7F,
                                                  .strict = 0.6F,
                                                  .per_decade = 0.2F,
                                                  .single_frame = 0.9F,
                                                  .identify_margin = 0.3F};
  const ChallengePolicy own = challenge_policy(config), shipped = challenge_policy(Config{});
  EXPECT_FLOAT_EQ(shipped.moving_feature, thresholds::kChallengeMovingFeature);
  EXPECT_FLOAT_EQ(own.login.thresholds.feature, 0.7F);
  EXPECT_GT(own.moving_feature, 0.8F);
  EXPECT_LT(own.moving_feature, 0.9F);
  const auto state_with = [&](const ChallengePolicy& policy, float resting, float moving) {
    Challenge challenge(policy, {Movement::turn_left}, secret(ann()));
    Steady now{};
    std::uint64_t frames = 0;
    const auto show = [&](Sight sight, int times) {
      for (sight.fingerprint = ++frames; times > 0; --times, sight.fingerprint = ++frames)
        challenge.observe(sight, now += milliseconds(kFrameMs));
    };
    show(seen(kStill, away(ann(), resting, 0.4F)), 3);
    show(seen(kLeft, away(ann(), moving, 0.4F)), 2);
    show(seen(kStill, away(ann(), resting, 0.4F)), 1);
    return challenge.state();
  };
  EXPECT_EQ(state_with(own, 0.65F, 0.82F), State::passed);
  EXPECT_EQ(state_with(own, 0.75F, 0.75F), State::failed) << "the level's";
  EXPECT_EQ(state_with(own, 0.65F, 0.88F), State::failed) << "of moving frames";
  EXPECT_EQ(state_with(own, 0.65F, 0.95F), State::failed) << "of single frames";
  EXPECT_EQ(state_with(shipped, 0.75F, 1.1F), State::passed);
}

// What is played back moves as it likes, and what is not live at rest is a picture of somebody.
TEST(Challenge, FramesMustBeNewAndMostlyLive) {
  Repetition before;
  before.look(3, Steady{});
  before.look(4, Steady{} + milliseconds(20));
  Person loop({Movement::turn_left}, LivenessMode::passive, {.box = {}, .repetition = before});
  EXPECT_EQ(loop.show(kStill, 2), State::running);
  EXPECT_EQ(loop.show(kStill), State::failed) << "a frame from before it began";
  EXPECT_EQ(loop.challenge.failure(), Challenge::Failure::not_live);

  Person frozen({Movement::turn_left});
  frozen.show(kStill);
  frozen.played_back = true;
  EXPECT_EQ(frozen.show(kStill, 2), State::running) << "some cameras send a frame twice";
  EXPECT_EQ(frozen.show(kStill, 20), State::failed);
  EXPECT_EQ(frozen.challenge.failure(), Challenge::Failure::frozen);
  EXPECT_FALSE(frozen.challenge.has_asked()) << "at rest nothing of the order is known";
  Person held({Movement::turn_left});
  held.show(kStill, 3);
  held.played_back = true;
  EXPECT_EQ(held.show(kStill, 20), State::failed);
  EXPECT_EQ(held.challenge.failure(), Challenge::Failure::frozen);
  EXPECT_TRUE(held.challenge.has_asked());

  Person picture({Movement::turn_left});
  picture.live = 0.3F;
  EXPECT_EQ(picture.obey_all(), State::failed);
  EXPECT_EQ(picture.challenge.failure(), Challenge::Failure::not_live);

  Person mixed({Movement::turn_left});
  mixed.show(kStill, 2);
  mixed.live = 0.3F;
  mixed.show(kStill, 2);
  EXPECT_EQ(mixed.show(kLeft, 2), State::failed) << "half is not most";
  Person mostly({Movement::turn_left});
  mostly.show(kStill, 3);
  mostly.live = 0.3F;
  mostly.show(kStill, 2);
  mostly.show(kLeft, 2);
  EXPECT_EQ(mostly.show(kStill, 2), State::running) << "the last frame must be live";
  mostly.live = 0.9F;
  EXPECT_EQ(mostly.show(kStill), State::passed);

  Person unmeasured({Movement::nod}, LivenessMode::off);
  unmeasured.live = 0;
  unmeasured.played_back = true;
  EXPECT_EQ(unmeasured.obey_all(), State::passed) << "a nod where nothing is measured";
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

TEST(Challenge, AFrameWithoutAFaceComesFirstOrBetweenAndTheFaceStaysWhereItWas) {
  Person first({Movement::turn_left});
  first.show(test::nothing(FaceIssue::no_face), 2);
  EXPECT_EQ(first.obey_all(), State::passed);

  for (const float x : {150.0F, 20.0F}) {
    Person known({Movement::turn_left}, LivenessMode::passive, {.box = {x, 100, 180, 180}, .repetition = {}});
    known.show(test::nothing(FaceIssue::no_face));
    EXPECT_EQ(known.show(kStill), x > 100 ? State::running : State::failed) << "from where he was recognised";
  }
}

}  // namespace
}  // namespace faceauth
