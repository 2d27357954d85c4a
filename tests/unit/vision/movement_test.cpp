// What the eye measures of a head that turns, nods and blinks, and whether the keeper's rule believes it. The movements
// are made of one real photo: pixels are shifted by how far the part of the head that they show stands out, as turning
// would. A print that is turned instead shifts all of them alike, and must not be believed.
#include <faced/auth/challenge.h>
#include <faced/vision/fingerprint.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "fixtures.h"

namespace faceauth::vision {
namespace {

using std::chrono::milliseconds;
using State = Challenge::State;

constexpr float radians(float degrees) { return degrees * std::numbers::pi_v<float> / 180; }

// Looking about straight. Mirrored, she turns to the other side.
cv::Mat woman(bool mirrored) {
  cv::Mat picture = scene(Scene::woman_monday);
  if (mirrored) cv::flip(picture, picture, 1);
  return picture;
}

Sight look(const cv::Mat& picture) { return analyser().analyse(picture, Wants{true, true}); }

cv::Rect2f face_in(const cv::Mat& picture) {
  const Sight sight = analyser().analyse(picture, Wants{false, false});
  return {sight.box[0], sight.box[1], sight.box[2], sight.box[3]};
}

// How far a point of the picture stands out towards the camera, in pixels: an egg with a nose.
float depth(const cv::Rect2f& face, float x, float y) {
  const cv::Point2f centre(face.x + face.width / 2, face.y + face.height * 0.45F);
  const float u = (x - centre.x) / (face.width * 0.55F), v = (y - centre.y) / (face.height * 0.75F);
  const float egg = std::sqrt(std::max(0.0F, 1 - u * u - v * v)) * face.width * 0.45F;
  const cv::Point2f nose(centre.x, face.y + face.height * 0.58F);
  const float away = ((x - nose.x) * (x - nose.x) + (y - nose.y) * (y - nose.y)) / (face.width * face.width);
  return egg + face.width * 0.22F * std::exp(-away / 0.012F);
}

// The head turned to its left and upwards (negative: right, down).
cv::Mat turned(const cv::Mat& picture, float left_deg, float up_deg) {
  const cv::Rect2f face = face_in(picture);
  cv::Mat from_x(picture.size(), CV_32F), from_y(picture.size(), CV_32F), out;
  for (int y = 0; y < picture.rows; ++y)
    for (int x = 0; x < picture.cols; ++x) {
      // Where the point came from: its depth is looked up where it was, which a few rounds find.
      cv::Point2f source(static_cast<float>(x), static_cast<float>(y));
      for (int round = 0; round < 3; ++round) {
        const float z = depth(face, source.x, source.y);
        source = {static_cast<float>(x) - z * std::sin(radians(left_deg)),
                  static_cast<float>(y) + z * std::sin(radians(up_deg))};
      }
      from_x.at<float>(y, x) = source.x;
      from_y.at<float>(y, x) = source.y;
    }
  cv::remap(picture, out, from_x, from_y, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  return out;
}

// The photo printed on a card that is turned, seen in perspective.
cv::Mat turned_card(const cv::Mat& picture, float left_deg, float up_deg) {
  const cv::Rect2f face = face_in(picture);
  const cv::Point2f centre = (face.tl() + face.br()) / 2;
  constexpr float kFar = 1500;  // from the camera, in pixels
  std::array<cv::Point2f, 4> from = {{{0, 0}, {640, 0}, {640, 480}, {0, 480}}}, to;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const cv::Point2f p = from[i] - centre;
    const float z = p.x * std::sin(radians(left_deg)) + p.y * std::sin(radians(up_deg));
    const float scale = kFar / (kFar + z);
    to[i] = centre + cv::Point2f(p.x * std::cos(radians(left_deg)), p.y * std::cos(radians(up_deg))) * scale;
  }
  cv::Mat out;
  cv::warpPerspective(picture, out, cv::getPerspectiveTransform(from, to), picture.size(), cv::INTER_LINEAR,
                      cv::BORDER_REPLICATE);
  return out;
}

// Skin over both eyes.
cv::Mat with_eyes_shut(cv::Mat picture) {
  const cv::Rect2f face = face_in(picture);
  for (const float side : {0.27F, 0.73F}) {
    const cv::Point eye(cvRound(face.x + face.width * side), cvRound(face.y + face.height * 0.26F));
    const cv::Size size(cvRound(face.width * 0.17F), cvRound(face.height * 0.1F));
    const cv::Scalar skin = cv::mean(picture(cv::Rect(eye.x - 8, eye.y + size.height + 6, 16, 8)));
    cv::ellipse(picture, eye, size, 0, 0, 360, skin, cv::FILLED);
  }
  cv::GaussianBlur(picture, picture, cv::Size(5, 5), 0);
  return picture;
}

TEST(Movement, TurningAHeadIsMeasuredAndTurningAPrintIsNot) {
  const ChallengePolicy policy = challenge_policy(Config{});
  for (const bool mirrored : {false, true}) {
    const cv::Mat picture = woman(mirrored);
    const Sight straight = look(picture);
    const float side = mirrored ? -1 : 1;
    const Sight turn = look(turned(picture, 40 * side, 0));
    EXPECT_GT((turn.quality.yaw_deg - straight.quality.yaw_deg) * side, policy.turn_deg);
    EXPECT_GT((turn.eyes[0] - straight.eyes[0]) / turn.box[3] * side, policy.shift);
    const Sight nod = look(turned(picture, 0, 30));
    EXPECT_GT(nod.quality.pitch_deg - straight.quality.pitch_deg, policy.nod_deg);
    EXPECT_LT((nod.eyes[1] - straight.eyes[1]) / nod.box[3], -policy.shift);
    for (const float angle : {-40.0F, 40.0F}) {
      const Quality card = look(turned_card(picture, angle, 0)).quality;
      EXPECT_LT(std::fabs(card.yaw_deg - straight.quality.yaw_deg), policy.turn_deg) << angle;
      const Quality tilted = look(turned_card(picture, 0, angle)).quality;
      EXPECT_LT(std::fabs(tilted.pitch_deg - straight.quality.pitch_deg), policy.nod_deg) << angle;
    }
  }
}

TEST(Movement, ShutEyesAreSeen) {
  const ChallengePolicy policy = challenge_policy(Config{});
  const cv::Mat picture = scene(Scene::woman_tuesday);
  const float open = look(picture).eyes_open;
  EXPECT_GE(open, policy.eyes_seen);
  EXPECT_LE(look(with_eyes_shut(picture.clone())).eyes_open, policy.eyes_shut * open);
}

struct Views {
  Sight straight, left, right, nod, shut;
};

// What the eye sees of a head, or of a card with its picture, that makes each movement.
template <class Turn>
Views views_of(const cv::Mat& picture, Turn turn, float deg) {
  return {look(picture), look(turn(picture, deg, 0)), look(turn(picture, -deg, 0)), look(turn(picture, 0, 30)),
          look(with_eyes_shut(picture.clone()))};
}

// Obeys a challenge with these views, ten frames a second.
State acted(const Movements& movements, const Views& views) {
  Secret<Encodings> reference;
  *reference = views.straight.encodings;
  Config config;
  config.liveness = LivenessMode::off;  // these views are shown again and again
  Challenge challenge(challenge_policy(config), movements, std::move(reference));
  Steady now{};
  const auto show = [&](const Sight& sight) { challenge.observe(sight, now += milliseconds(100)); };
  for (int step = 0; step < 60 && challenge.state() == State::running; ++step) {
    const Movement asked = challenge.asked();
    const Sight& view = asked == Movement::turn_left    ? views.left
                        : asked == Movement::turn_right ? views.right
                        : asked == Movement::nod        ? views.nod
                        : asked == Movement::blink      ? views.shut
                                                        : views.straight;
    show(view);
    show(view);
    show(views.straight);
  }
  return challenge.state();
}

TEST(Movement, AHeadThatObeysPassesAndAPrintThatIsTurnedDoesNot) {
  for (const bool mirrored : {false, true}) {
    const cv::Mat picture = woman(mirrored);
    const Movement turn = mirrored ? Movement::turn_right : Movement::turn_left;
    const Views head = views_of(picture, turned, 40), card = views_of(picture, turned_card, 40);
    EXPECT_EQ(acted({turn, Movement::nod, turn}, head), State::passed) << mirrored;
    for (const Movement one : {Movement::turn_left, Movement::turn_right, Movement::nod})
      EXPECT_EQ(acted({one}, card), State::failed) << mirrored << static_cast<int>(one);
  }
}

TEST(Fingerprint, TellsFramesApartByOneBit) {
  cv::Mat picture = scene(Scene::man);
  const std::uint64_t before = fingerprint(picture);
  EXPECT_EQ(fingerprint(picture.clone()), before);
  for (const cv::Point at : {cv::Point(0, 0), cv::Point(639, 479), cv::Point(321, 17)}) {
    cv::Mat changed = picture.clone();
    changed.at<cv::Vec3b>(at)[2] ^= 1;
    EXPECT_NE(fingerprint(changed), before) << at;
  }
  EXPECT_NE(fingerprint(picture.rowRange(0, 479)), before);
  EXPECT_NE(fingerprint(cv::Mat()), 0U);
}

}  // namespace
}  // namespace faceauth::vision
