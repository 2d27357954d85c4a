// The decision about one attempt: frames in, a verdict out. Pure; time comes with the frames.
//
// Rule: the mean of `frames` probes against the mean of the user's templates, for both recognisers. fr_feature's
// encodings and means have length 1; dlib's are plain means, because its metric is plain Euclidean and its encodings
// have a length of about 1.4. A match needs the feature distance AND the dlib distance within their thresholds, no
// single frame that shows somebody else, and neither liveness nor quality objecting. The mean of those frames alone
// that are live must match as well: a photo among them cannot lend its face to whoever sits there. A group of frames
// that fails is one try; after `tries` of them the face is refused. Adapted templates: adaptation.h.
#pragma once

#include <faced/auth/adaptation.h>
#include <faced/auth/attention.h>
#include <faced/auth/decision.h>
#include <faced/auth/repetition.h>
#include <faced/config/config.h>
#include <faced/crypto/secret.h>
#include <faced/store/records.h>
#include <faced/util/clock.h>

#include <faceauth/sight.h>
#include <faceauth/verdict.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace faceauth {

struct VerifierPolicy {
  MatchThresholds thresholds;
  unsigned frames = 3;
  unsigned tries = 3;
  std::chrono::milliseconds spacing{60};  // least time between two frames of a group, six times that between groups;
                                          // zero for photos
  bool liveness = true;                   // more than half of a group's frames must be live
  bool network = true;                    // by the network, which knows colour pictures only
  float liveness_min = 0.6F;              // of a frame
  float liveness_min_tight = 0.9F;        // of a frame that shows less than `surroundings` around the face
  float surroundings = 0.46F;
  // Of the face's light, where an infrared camera's unlit frames tell; not calibrated, for want of infrared pictures: a
  // lit face was expected far above, a picture that glows at 0.
  float emitter_least = 0.2F;
  AttentionPolicy attention;  // a frame without it counts for nothing
};

[[nodiscard]] VerifierPolicy verifier_policy(const Config& config, Modality modality = Modality::color);
// Of a login at one of its cameras. Without spacing at a replay that gives frames on demand, where nobody need be live:
// such frames have no time of their own.
[[nodiscard]] VerifierPolicy login_policy(const Config& config, std::size_t place, Modality modality);

// Why a frame is not compared at all, and costs nothing: the quality gate's reason, or attention's.
[[nodiscard]] FaceIssue frame_issue(const VerifierPolicy& policy, const Sight& sight);

// One frame alone: false when liveness is asked for and was not measured or falls short.
[[nodiscard]] bool frame_is_live(const VerifierPolicy& policy, const Sight& sight);

// What a person can do about a frame that is not live: too_close where it holds too little around the face to be judged
// by the common bound. none otherwise, and for a live frame.
[[nodiscard]] FaceIssue liveness_advice(const VerifierPolicy& policy, const Sight& sight);

struct MatchScore {
  float feature = 0, dlib = 0;     // infinity when there was no mean
  bool liveness_measured = false;  // in every frame of the group
  float liveness = 0;              // mean of both crops, median of the group
};

class Attempt {
 public:
  Attempt(const VerifierPolicy& policy, Secret<Encodings> reference)
      : Attempt(policy, References{std::move(reference), std::nullopt}) {}
  Attempt(const VerifierPolicy& policy, References references);

  // The verdict once it stands (match, no_match, not_live; camera_unavailable of a frozen camera that nothing was
  // judged of), nothing while undecided. Later frames change nothing.
  std::optional<Verdict> observe(const Sight& sight, Steady captured);

  // The verdict when no more frames will come: the best reason known (no_match or not_live after a judged group,
  // else multiple_faces, poor_quality, no_face or timeout).
  [[nodiscard]] Verdict conclude() const;

  [[nodiscard]] bool judged() const;                      // a face was compared
  [[nodiscard]] std::optional<MatchScore> score() const;  // of the last group compared
  [[nodiscard]] FaceIssue last_issue() const;             // of the last frame, liveness_advice included
  [[nodiscard]] std::uint32_t frames() const;             // seen so far
  [[nodiscard]] const Repetition& repetition() const;     // what was seen so far

  // After a match. Its first and last frame; and to go on as if no face had been compared yet, for a match that came
  // too early: what was seen before stays known.
  [[nodiscard]] Steady began() const { return began_; }
  [[nodiscard]] Steady ended() const { return last_counted_.value_or(Steady{}); }
  void look_again();

  // After a match: the mean of its frames, when each of them was live and good enough to enrol from.
  [[nodiscard]] std::optional<Secret<Encodings>> take_candidate() { return std::exchange(candidate_, std::nullopt); }

 private:
  void count_issue();
  [[nodiscard]] bool is_fresh(const Sight& sight, Steady captured);
  [[nodiscard]] bool counts(const Sight& sight, Steady captured) const;  // a good frame, fit for the group
  [[nodiscard]] Distances distances_of(Secret<Encodings>& sum, unsigned frames) const;  // `sum` becomes its mean
  void judge_group();

  VerifierPolicy policy_;
  References references_;

  // The group being gathered; groups do not overlap.
  Secret<Encodings> sum_, live_sum_;  // of all its frames, and of those that are live by themselves
  unsigned in_group_ = 0, live_in_group_ = 0;
  unsigned graded_in_group_ = 0;            // live, and good enough to enrol from
  float farthest_ = 0, farthest_wide_ = 0;  // single frame's feature distance from either reference
  std::vector<float> liveness_;             // at most one per frame of the group
  Steady began_{};                          // its first frame
  std::optional<Steady> last_counted_;

  std::optional<Secret<Encodings>> candidate_;

  Repetition repetition_;
  unsigned judged_groups_ = 0;
  std::optional<MatchScore> score_;
  Verdict refusal_ = Verdict::error;  // of the last group judged
  std::optional<Verdict> verdict_;    // stands once set

  std::uint32_t frames_ = 0, good_ = 0, empty_ = 0, crowded_ = 0, poor_ = 0;
  FaceIssue last_issue_ = FaceIssue::none;
};

}  // namespace faceauth
