#include <faced/auth/decision.h>
#include <faced/auth/encoding_math.h>
#include <faced/auth/thresholds.h>

#include <algorithm>

namespace faceauth {

MatchThresholds match_thresholds(MatchLevel level) {
  switch (level) {
    case MatchLevel::convenient:
      return {thresholds::kFeatureConvenient, thresholds::kDlib};
    case MatchLevel::balanced:
      return {thresholds::kFeatureBalanced, thresholds::kDlib};
    case MatchLevel::strict:
      break;
  }
  return {thresholds::kFeatureStrict, thresholds::kDlib};
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
         comparison.farthest <= thresholds::kFeatureSingleFrame;
}

bool same_person(const MatchThresholds& thresholds, const Encodings& a, const Encodings& b) {
  const float feature = encoding_math::feature_distance(a, b);
  return accepts(thresholds, {feature, encoding_math::dlib_distance(a, b), feature});
}

}  // namespace faceauth
