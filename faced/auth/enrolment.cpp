#include <faced/auth/decision.h>
#include <faced/auth/encoding_math.h>
#include <faced/auth/enrolment.h>

#include <algorithm>
#include <utility>

namespace faceauth {
namespace {

// Single views of one person differ more than means do: two decades beyond `convenient` one comparison of strangers in
// a thousand is nearer, and hardly one of a person with himself is farther (models/calibration).
constexpr float kDecadesBeyond = 2;
// The same photo, coded again, is at about a twentieth of what tells people apart; two moments are at a fifth and more.
constexpr float kSameViewShare = 0.15F;

std::size_t like(const EnrolmentBounds& bounds, const Encodings& one, Views others) {
  return static_cast<std::size_t>(std::count_if(others.begin(), others.end(), [&](const Encodings* other) {
    return encoding_math::feature_distance(one, *other) <= bounds.same_person;
  }));
}

// Views that became one template.
struct Merging {
  const Encodings* first;
  Secret<Encodings> sum;
  std::size_t count = 0;
};

bool same_view(const EnrolmentBounds& bounds, const Encodings& a, const Encodings& b) {
  return encoding_math::feature_distance(a, b) <= bounds.same_view;
}

}  // namespace

EnrolmentBounds enrolment_bounds(const Config& config) {
  const MatchThresholds t = match_thresholds(MatchLevel::convenient, config.encoder.calibration);
  return {t.feature + kDecadesBeyond * t.per_decade, kSameViewShare * t.feature};
}

std::vector<std::size_t> odd_ones_out(const EnrolmentBounds& bounds, Views fresh, Views stored) {
  std::vector<std::size_t> odd;
  const std::size_t others = fresh.size() + stored.size() - std::min<std::size_t>(fresh.size(), 1);
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const std::size_t alike = like(bounds, *fresh[i], stored) + like(bounds, *fresh[i], fresh.first(i)) +
                              like(bounds, *fresh[i], fresh.subspan(i + 1));
    if (2 * alike < others) odd.push_back(i);
  }
  return odd;
}

std::vector<Secret<Encodings>> merged(const EnrolmentBounds& bounds, Views fresh, Views stored) {
  std::vector<Merging> groups;
  for (const Encodings* view : fresh) {
    if (!encoding_math::usable(*view)) continue;
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const Merging& known) { return same_view(bounds, *known.first, *view); });
    if (group == groups.end()) group = groups.insert(group, Merging{view, {}, 0});
    encoding_math::add(*group->sum, *view);
    ++group->count;
  }
  const auto is_stored = [&](const Merging& group) {
    return std::any_of(stored.begin(), stored.end(),
                       [&](const Encodings* known) { return same_view(bounds, *group.first, *known); });
  };
  if (!std::all_of(groups.begin(), groups.end(), is_stored))
    std::erase_if(groups, is_stored);
  else if (!groups.empty())
    groups.erase(groups.begin() + 1, groups.end());

  std::vector<Secret<Encodings>> templates;
  for (Merging& group : groups)
    if (encoding_math::to_mean(*group.sum, group.count)) templates.push_back(std::move(group.sum));
  return templates;
}

}  // namespace faceauth
