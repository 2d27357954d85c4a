// Templates that join by themselves (match.adapt), so that somebody whose looks change slowly goes on being recognised.
// Pure; why it cannot drift is told in docs/decisions/0051-templates-that-adapt.md.
//
// The core is what was enrolled. It alone decides what may join, and bounds what is admitted: whatever adapted
// templates there are, nobody passes who is farther from the core's mean than core_bound().
#pragma once

#include <faced/auth/decision.h>
#include <faced/crypto/secret.h>
#include <faced/store/records.h>
#include <faced/util/clock.h>

#include <faceauth/sight.h>

#include <optional>
#include <span>
#include <string_view>

namespace faceauth {

// The mean of the enrolled templates of one modality. Empty when no usable one was made by these models.
[[nodiscard]] std::optional<Secret<Encodings>> reference_of(std::span<const Template> templates,
                                                            std::string_view dlib_model, std::string_view feature_model,
                                                            Modality modality = Modality::color);

// What an attempt is held against.
struct References {
  Secret<Encodings> core;                    // the mean of the enrolled templates
  std::optional<Secret<Encodings>> widened;  // the mean of all, where some have adapted

  [[nodiscard]] References clone() const;
};

// Nothing when no enrolled template of this light was made by these models. `adapt`: whether adapted ones are looked
// at; all of those are of colour.
[[nodiscard]] std::optional<References> references_of(std::span<const Template> templates, std::string_view dlib_model,
                                                      std::string_view feature_model, bool adapt,
                                                      Modality modality = Modality::color);

// The thresholds for the core's mean where the widened one decides: a quarter of a decade beyond the level's.
[[nodiscard]] MatchThresholds core_bound(const MatchThresholds& thresholds);

// Where one attempt's mean lies, with its worst single frame by each reference.
struct Distances {
  Comparison core;
  std::optional<Comparison> widened;
};
// As the core alone has it; or else as the widened mean has it, within the core's bound.
[[nodiscard]] bool admits(const MatchThresholds& thresholds, const Distances& distances);

// Whether the mean of a login's frames may join now: within `strict` of the core's mean, and no other joined within a
// day of `now`, before or after it: a clock set back a little is no day. One dated farther ahead is of a clock that was
// wrong, and would otherwise keep all others out until that time comes. What the frames were worth (enrolment's
// quality, live) and what else was asked of the login is the caller's.
[[nodiscard]] bool may_join(const MatchThresholds& strict, std::span<const Template> templates,
                            std::string_view dlib_model, std::string_view feature_model, const Encodings& candidate,
                            UnixTime now);

}  // namespace faceauth
