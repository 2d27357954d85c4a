// Whether a group of frames shows the person of a reference. Everything that decides about a face asks here. Pure.
#pragma once

#include <faced/auth/thresholds.h>
#include <faced/config/config.h>

#include <faceauth/sight.h>

#include <limits>
#include <optional>
#include <span>

namespace faceauth {

struct MatchThresholds {
  float feature = 0;  // L2 distance of unit vectors, 0..2
  float dlib = 0;     // L2 distance, vectors as they are; lenient: dlib can only refuse
  float single_frame = thresholds::kFeatureSingleFrame;  // feature distance of any one frame
  float per_decade = thresholds::kFeaturePerDecade;      // 1:N: so much nearer for each factor of ten in users
  float identify_margin = thresholds::kIdentifyMargin;   // 1:N: so much nearer than the next user
};

// Of the encoder that the configuration names.
[[nodiscard]] MatchThresholds match_thresholds(const Config& config);

// `own`: the encoder's calibration; without one it is the shipped encoder.
[[nodiscard]] MatchThresholds match_thresholds(MatchLevel level,
                                               const std::optional<EncoderCalibration>& own = std::nullopt);

// Distances of the mean of a group to the reference; infinite where nothing could be measured.
struct Comparison {
  float feature = std::numeric_limits<float>::infinity();
  float dlib = std::numeric_limits<float>::infinity();
  float farthest = std::numeric_limits<float>::infinity();  // feature distance of the group's worst single frame
};

// `mean` is the mean of the group.
[[nodiscard]] Comparison compare(const Encodings& mean, float farthest, const Encodings& reference);
[[nodiscard]] float farthest_of(std::span<const Encodings* const> frames, const Encodings& reference);

[[nodiscard]] bool accepts(const MatchThresholds& thresholds, const Comparison& comparison);

// The decision about one image and one reference.
[[nodiscard]] bool same_person(const MatchThresholds& thresholds, const Encodings& a, const Encodings& b);

}  // namespace faceauth
