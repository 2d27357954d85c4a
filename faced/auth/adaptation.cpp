#include <faced/auth/adaptation.h>
#include <faced/auth/encoding_math.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace faceauth {
namespace {

constexpr std::chrono::hours kBetween{24};
constexpr float kBeyondLevel = 0.25F;  // decades of false matches

enum class Which { core, all };

std::optional<Secret<Encodings>> mean_of(std::span<const Template> templates, std::string_view dlib_model,
                                         std::string_view feature_model, Modality modality, Which which,
                                         std::size_t& adapted) {
  Secret<Encodings> mean;
  std::size_t count = 0;
  for (const Template& t : templates) {
    if (t.info.dlib_model != dlib_model || t.info.feature_model != feature_model || is_incomplete(t.info)) continue;
    if (modality_of(t.info) != modality || (which == Which::core && is_adapted(t.info))) continue;
    if (t.encodings.empty() || !encoding_math::usable(*t.encodings)) continue;
    encoding_math::add(*mean, *t.encodings);
    ++count;
    if (is_adapted(t.info)) ++adapted;
  }
  if (!encoding_math::to_mean(*mean, count)) return std::nullopt;
  return mean;
}

}  // namespace

std::optional<Secret<Encodings>> reference_of(std::span<const Template> templates, std::string_view dlib_model,
                                              std::string_view feature_model, Modality modality) {
  std::size_t none = 0;
  return mean_of(templates, dlib_model, feature_model, modality, Which::core, none);
}

std::optional<References> references_of(std::span<const Template> templates, std::string_view dlib_model,
                                        std::string_view feature_model, bool adapt, Modality modality) {
  auto core = reference_of(templates, dlib_model, feature_model, modality);
  if (!core) return std::nullopt;
  References references{std::move(*core), std::nullopt};
  std::size_t adapted = 0;
  if (adapt) references.widened = mean_of(templates, dlib_model, feature_model, modality, Which::all, adapted);
  if (adapted == 0) references.widened.reset();
  return references;
}

References References::clone() const {
  return {core.clone(), widened ? std::optional(widened->clone()) : std::nullopt};
}

MatchThresholds core_bound(const MatchThresholds& thresholds) {
  MatchThresholds bound = thresholds;
  bound.feature += kBeyondLevel * thresholds.per_decade;
  return bound;
}

bool admits(const MatchThresholds& thresholds, const Distances& distances) {
  if (accepts(thresholds, distances.core)) return true;
  return distances.widened && accepts(thresholds, *distances.widened) &&
         accepts(core_bound(thresholds), distances.core);
}

bool may_join(const MatchThresholds& strict, std::span<const Template> templates, std::string_view dlib_model,
              std::string_view feature_model, const Encodings& candidate, UnixTime now) {
  const auto core = reference_of(templates, dlib_model, feature_model, Modality::color);
  if (!core || !encoding_math::usable(candidate)) return false;
  const bool too_soon = std::ranges::any_of(templates, [now](const Template& t) {
    return is_adapted(t.info) && std::chrono::abs(now - t.info.created) < kBetween;
  });
  return !too_soon && same_person(strict, candidate, **core);
}

}  // namespace faceauth
