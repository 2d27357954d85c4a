// Every number the decision turns on, with where it comes from. "Distance" is between unit vectors for fr_feature
// (0..2) and plain Euclidean for dlib. FMR and FNMR are per comparison, FAR and FRR per attempt.
#pragma once

#include <array>

namespace faceauth::thresholds {

// fr_feature, mean of three frames against the mean of the templates. Chosen on a webcam set of people who look
// alike to recognisers (NUAA: 15 East Asian adults, 720 genuine attempts in another session than the templates,
// 10,080 impostor attempts of the same group), because celebrity photos (LFW) flatter:
//   at 1.045 (LFW's FMR 1e-4) 70 strangers got in; at 1.000 one did, and 0.14 % of the genuine were refused;
//   at 0.975 none and 0.56 %; at 0.960 none and 1.5 %.
// The strict value is extrapolated: one more decade of FMR costs about kFeaturePerDecade.
inline constexpr float kFeatureConvenient = 1.00F;
inline constexpr float kFeatureBalanced = 0.97F;
inline constexpr float kFeatureStrict = 0.93F;

// Single LFW comparisons (87 million impostor, 242 thousand genuine) put FMR 1e-3, 1e-4, 1e-5 at 1.144, 1.074 and
// 1.009: about this much nearer for each factor of ten.
inline constexpr float kFeaturePerDecade = 0.065F;

// One frame by itself, whatever its group's mean says: beyond this (LFW: FMR 1e-2, FNMR 0.19 %) it shows somebody
// else, so live frames of one person cannot be mixed with a photo of another.
inline constexpr float kFeatureSingleFrame = 1.221F;

// dlib's own customary bound. On LFW it admits one stranger in 170, on NUAA most, so it never says yes by itself; it
// refuses fewer than 1 % of genuine comparisons, so its veto is nearly free.
inline constexpr float kDlib = 0.60F;

// Median over a group of fr_liveness' probability of "live". Over windows of five frames 0.5 made no error on NUAA's
// prints (332 genuine and 444 attack windows); on six screen replays it let 5 % through.
inline constexpr float kLivenessMin = 0.5F;

// 1:N: a second user almost as near as the best makes the answer a guess. Just under one decade of FMR.
inline constexpr float kIdentifyMargin = 0.05F;

// Quality. Detection finds 60-pixel faces in 640x480 and all of those at 80; encodings of smaller ones are upscaled
// blur. Sharpness, yaw and pitch gates remove 5 to 20 % of the errors; roll costs nothing up to 30 degrees, and
// brightness gates do not help recognition, so those refuse only what shows no face to speak of.
struct QualityBounds {
  float face_height_px;
  float sharpness;  // variance of the Laplacian over the 150x150 grey chip
  float brightness_least, brightness_most;
  float yaw_deg, pitch_deg;  // to either side
};
inline constexpr QualityBounds kLogin{.face_height_px = 60,
                                      .sharpness = 8,
                                      .brightness_least = 25,
                                      .brightness_most = 250,
                                      .yaw_deg = 45,
                                      .pitch_deg = 40};
inline constexpr QualityBounds kEnrolment{.face_height_px = 80,
                                          .sharpness = 20,
                                          .brightness_least = 40,
                                          .brightness_most = 235,
                                          .yaw_deg = 25,
                                          .pitch_deg = 20};

}  // namespace faceauth::thresholds
