#include <faced/auth/decision.h>
#include <faced/auth/encoding_math.h>
#include <faced/auth/thresholds.h>

#include <algorithm>

namespace faceauth {
namespace {

EncoderCalibration shipped_calibration() {
  return {.convenient = thresholds::kFeatureConvenient,
          .balanced = thresholds::kFeatureBalanced,
          .strict = thresholds::kFeatureStrict,
          .per_decade = thresholds::kFeaturePerDecade,
          .single_frame = thresholds::kFeatureSingleFrame,
          .identify_margin = thresholds::kIdentifyMargin};
}

}  // namespace

MatchThresholds match_thresholds(const Config& config) {
  return match_thresholds(config.level, config.encoder.calibration);
}

MatchThresholds match_thresholds(MatchLevel level, const std::optional<EncoderCalibration>& own) {
  const EncoderCalibration calibration = own.value_or(shipped_calibration());
  const auto feature = [&] {
    switch (level) {
      case MatchLevel::convenient:
        return calibration.convenient;
      case MatchLevel::balanced:
        return calibration.balanced;
      case MatchLevel::strict:
        break;
    }
    return calibration.strict;
  };
  return {feature(), thresholds::kDlib, calibration.single_frame, calibration.per_decade, calibration.identify_margin};
}

Comparison compare(const Encodings& mean, float farthest, const Encodings& reference) {
  return {encoding_math::feature_distance(mean, reference), encoding_math::dlib_distance(mean, reference), farthest};
}

float farthest_of(std::span<const Encodings* const> frames, const Encodings& reference) {
  float farthest = 0;
  for (const Encodings* frame : frames)
    farthest = std::max(farthest, encoding_math::feature_distance(*frame, reference));
  return farthest;
}

// Written so that what is not a number refuses.
bool accepts(const MatchThresholds& thresholds, const Comparison& comparison) {
  return comparison.feature <= thresholds.feature && comparison.dlib <= thresholds.dlib &&
         comparison.farthest <= thresholds.single_frame;
}

bool same_person(const MatchThresholds& thresholds, const Encodings& a, const Encodings& b) {
  const float feature = encoding_math::feature_distance(a, b);
  return accepts(thresholds, {feature, encoding_math::dlib_distance(a, b), feature});
}

}  // namespace faceauth
