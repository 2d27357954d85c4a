// Every number the decision turns on, from models/calibration, which says where each comes from. "Distance" is between
// unit vectors for fr_feature (0..2) and plain Euclidean for dlib.
#pragma once

#include <faced/auth/calibration.h>

namespace faceauth::thresholds {

inline constexpr float kFeatureConvenient = calibration::feature_convenient;
inline constexpr float kFeatureBalanced = calibration::feature_balanced;
inline constexpr float kFeatureStrict = calibration::feature_strict;
inline constexpr float kFeaturePerDecade = calibration::feature_per_decade;
inline constexpr float kFeatureSingleFrame = calibration::feature_single_frame;
inline constexpr float kDlib = calibration::dlib;
inline constexpr float kLivenessMin = calibration::liveness_least;
inline constexpr float kLivenessMinTight = calibration::liveness_least_tight;
inline constexpr float kSurroundings = calibration::liveness_surroundings;
inline constexpr float kChallengeMovingFeature = calibration::challenge_moving_feature;
inline constexpr float kChallengeTurnDeg = calibration::challenge_turn_deg;
inline constexpr float kChallengeNodDeg = calibration::challenge_nod_deg;
inline constexpr float kChallengeShift = calibration::challenge_shift;
inline constexpr float kChallengeEyesSeen = calibration::challenge_eyes_seen;
inline constexpr float kChallengeEyesShut = calibration::challenge_eyes_shut;
inline constexpr float kChallengeEyesOpen = calibration::challenge_eyes_open;
inline constexpr float kAttentionYawDeg = calibration::attention_yaw_deg;
inline constexpr float kAttentionPitchDeg = calibration::attention_pitch_deg;
inline constexpr float kAttentionEyesOpen = calibration::attention_eyes_open;
inline constexpr float kIdentifyMargin = calibration::identify_margin;

// A slip in the file must not open the door: unrelated unit vectors are sqrt(2) apart.
static_assert(0 < kFeatureStrict && kFeatureStrict < kFeatureBalanced && kFeatureBalanced < kFeatureConvenient &&
              kFeatureConvenient < 1.15F && kFeatureSingleFrame < 1.4F);
static_assert(0 < kDlib && kDlib <= 0.65F && 0.5F <= kLivenessMin && kLivenessMin <= kLivenessMinTight &&
              kLivenessMinTight < 1);

static_assert(kChallengeMovingFeature < kFeatureSingleFrame && kChallengeTurnDeg >= 10 && kChallengeNodDeg >= 5 &&
              kChallengeShift > 0 && kChallengeEyesShut < kChallengeEyesOpen && kChallengeEyesSeen > 0);

static_assert(10 <= kAttentionYawDeg && 10 <= kAttentionPitchDeg && 0 < kAttentionEyesOpen && kAttentionEyesOpen < 1);

struct QualityBounds {
  float face_height_px;
  float sharpness;  // variance of the Laplacian over the 150x150 grey chip
  float brightness_least, brightness_most;
  float yaw_deg, pitch_deg;  // to either side
};
inline constexpr QualityBounds kLogin{.face_height_px = calibration::login_face_height_px,
                                      .sharpness = calibration::login_sharpness,
                                      .brightness_least = calibration::login_brightness_least,
                                      .brightness_most = calibration::login_brightness_most,
                                      .yaw_deg = calibration::login_yaw_deg,
                                      .pitch_deg = calibration::login_pitch_deg};
inline constexpr QualityBounds kEnrolment{.face_height_px = calibration::enrolment_face_height_px,
                                          .sharpness = calibration::enrolment_sharpness,
                                          .brightness_least = calibration::enrolment_brightness_least,
                                          .brightness_most = calibration::enrolment_brightness_most,
                                          .yaw_deg = calibration::enrolment_yaw_deg,
                                          .pitch_deg = calibration::enrolment_pitch_deg};

}  // namespace faceauth::thresholds
