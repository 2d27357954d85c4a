// The decision about one attempt: frames in, a verdict out. Pure; time comes with the frames.
//
// Rule: the L2-normalised mean of `frames` probes against the L2-normalised mean of the user's templates, for both
// recognisers; a match needs the feature distance AND the dlib distance within their thresholds, and neither
// liveness nor quality objecting. A group of frames that fails is one try; after `tries` of them the face is refused.
#pragma once

#include <faced/config/config.h>
#include <faced/crypto/secret.h>
#include <faced/store/records.h>
#include <faced/util/clock.h>

#include <faceauth/sight.h>
#include <faceauth/verdict.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace faceauth {

struct MatchThresholds {
  float feature = 0;  // L2 distance of unit vectors, 0..2
  float dlib = 0;     // L2 distance; lenient: dlib can only refuse
};

[[nodiscard]] MatchThresholds match_thresholds(MatchLevel level);

struct VerifierPolicy {
  MatchThresholds thresholds;
  unsigned frames = 3;
  unsigned tries = 3;
  std::chrono::milliseconds spacing{60};  // least time between two frames of one group; zero for photos
  bool liveness = true;                   // passive: the group's median score must reach liveness_min
  float liveness_min = 0.5F;
};

[[nodiscard]] VerifierPolicy verifier_policy(const Config& config);

// The mean template. Empty when no template was made by these models.
[[nodiscard]] std::optional<Secret<Encodings>> reference_of(std::span<const Template> templates,
                                                            std::string_view dlib_model,
                                                            std::string_view feature_model);

struct MatchScore {
  float feature = 0, dlib = 0;
  bool liveness_measured = false;
  float liveness = 0;  // median of the group
};

class Attempt {
 public:
  Attempt(const VerifierPolicy& policy, Secret<Encodings> reference);

  // The verdict once it stands (match, no_match, not_live), nothing while undecided. Later frames change nothing.
  std::optional<Verdict> observe(const Sight& sight, Steady captured);

  // The verdict when no more frames will come: the best reason known (no_match or not_live after a judged group,
  // else multiple_faces, poor_quality, no_face or timeout).
  [[nodiscard]] Verdict conclude() const;

  [[nodiscard]] bool judged() const;                      // a face was compared
  [[nodiscard]] std::optional<MatchScore> score() const;  // of the last group compared
  [[nodiscard]] FaceIssue last_issue() const;             // of the last frame; none when it was good
  [[nodiscard]] std::uint32_t frames() const;             // seen so far

 private:
  struct State;
  VerifierPolicy policy_;
  Secret<Encodings> reference_;
  Secret<Encodings> sum_;
  // implementation adds its fields here
};

}  // namespace faceauth
