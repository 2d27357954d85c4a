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

// The woman's face in Scene::woman_tuesday, as the eye finds it.
cv::Rect2f face_box() {
  static const Sight sight = analyser().analyse(scene(Scene::woman_tuesday), Wants{true, false});
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

// Her head turned to her left and upwards (negative: right, down).
cv::Mat turned(float left_deg, float up_deg) {
  const cv::Mat picture = scene(Scene::woman_tuesday);
  const cv::Rect2f face = face_box();
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
cv::Mat turned_card(float left_deg, float up_deg) {
  const cv::Mat picture = scene(Scene::woman_tuesday);
  const cv::Point2f centre = (face_box().tl() + face_box().br()) / 2;
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
cv::Mat with_eyes_shut() {
  cv::Mat picture = scene(Scene::woman_tuesday);
  const cv::Rect2f face = face_box();
  for (const float side : {0.27F, 0.73F}) {
    const cv::Point eye(cvRound(face.x + face.width * side), cvRound(face.y + face.height * 0.26F));
    const cv::Size size(cvRound(face.width * 0.17F), cvRound(face.height * 0.1F));
    const cv::Scalar skin = cv::mean(picture(cv::Rect(eye.x - 8, eye.y + size.height + 6, 16, 8)));
    cv::ellipse(picture, eye, size, 0, 0, 360, skin, cv::FILLED);
  }
  cv::GaussianBlur(picture, picture, cv::Size(5, 5), 0);
  return picture;
}

Sight look(const cv::Mat& picture) { return analyser().analyse(picture, Wants{true, true}); }

TEST(Movement, TurningAHeadIsMeasuredAndTurningAPrintIsNot) {
  const Quality straight = look(turned(0, 0)).quality;
  const float turn = challenge_policy(Config{}).turn_deg, nod = challenge_policy(Config{}).nod_deg;
  EXPECT_GT(look(turned(35, 0)).quality.yaw_deg - straight.yaw_deg, turn);
  EXPECT_LT(look(turned(-35, 0)).quality.yaw_deg - straight.yaw_deg, -turn);
  EXPECT_LT(look(turned(0, -30)).quality.pitch_deg - straight.pitch_deg, -nod);
  for (const float angle : {-45.0F, -30.0F, 30.0F, 45.0F}) {
    EXPECT_LT(std::fabs(look(turned_card(angle, 0)).quality.yaw_deg - straight.yaw_deg), turn) << angle;
    EXPECT_LT(std::fabs(look(turned_card(0, angle)).quality.pitch_deg - straight.pitch_deg), nod) << angle;
  }
}

TEST(Movement, ShutEyesAreSeen) {
  const ChallengePolicy policy = challenge_policy(Config{});
  EXPECT_GE(look(scene(Scene::woman_tuesday)).eyes_open, policy.eyes_open);
  EXPECT_GE(look(scene(Scene::man)).eyes_open, policy.eyes_open);
  EXPECT_LE(look(with_eyes_shut()).eyes_open, policy.eyes_closed);
}

// Acts a challenge with pictures of one kind.
template <class Turn>
State acted(const Movements& movements, Turn turn) {
  Secret<Encodings> reference;
  *reference = look(scene(Scene::woman_tuesday)).encodings;
  Challenge challenge(challenge_policy(Config{}), movements, std::move(reference));
  Steady now{};
  const auto show = [&](const cv::Mat& picture) { challenge.observe(look(picture), now += milliseconds(100)); };
  for (int step = 0; step < 60 && challenge.state() == State::running; ++step) {
    const Movement asked = challenge.asked();
    const float side = asked == Movement::turn_left ? 1 : asked == Movement::turn_right ? -1 : 0;
    const float down = asked == Movement::nod ? -1 : 0;
    if (asked == Movement::blink) {
      show(with_eyes_shut());
      show(turn(0, 0));
      continue;
    }
    if (side != 0 || down != 0)
      for (const float part : {0.4F, 1.0F, 1.0F, 0.4F}) show(turn(35 * side * part, 30 * down * part));
    show(turn(0, 0));
  }
  return challenge.state();
}

TEST(Movement, AHeadThatObeysPassesAndAPrintThatIsTurnedDoesNot) {
  const Movements movements = {Movement::turn_left, Movement::nod, Movement::turn_right};
  EXPECT_EQ(acted(movements, turned), State::passed);
  EXPECT_EQ(acted(movements, turned_card), State::failed);
  EXPECT_EQ(acted({Movement::turn_left}, turned_card), State::failed);
  EXPECT_EQ(acted({Movement::blink, Movement::turn_right}, turned), State::passed);
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
