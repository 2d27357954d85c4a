#include <faced/auth/encoding_math.h>
#include <faced/auth/identifier.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace faceauth {

Identifier::Identifier(const MatchThresholds& thresholds, std::size_t gallery_size, const Encodings& probe)
    : thresholds_(thresholds), gallery_size_(gallery_size) {
  *probe_ = probe;
}

void Identifier::compare(const std::string& user, const Encodings& reference) {
  ++compared_;
  const float feature = encoding_math::feature_distance(*probe_, reference);
  if (feature < best_distance_) {
    second_distance_ = best_distance_;
    best_distance_ = feature;
    best_dlib_ = encoding_math::dlib_distance(*probe_, reference);
    best_ = user;
  } else if (feature < second_distance_) {
    second_distance_ = feature;
  }
}

// N comparisons have N chances to be wrong, so each must be N times rarer to be: per_decade nearer for each
// factor of ten. When dlib objects to the nearest, nobody is named: the next is not a better guess.
Identifier::Answer Identifier::answer() const {
  const auto users = static_cast<float>(std::max({gallery_size_, compared_, std::size_t{1}}));
  const float feature_bound = thresholds_.feature - thresholds_.per_decade * std::log10(users);
  const bool alone = compared_ < 2;
  Answer answer;
  if (!alone) answer.margin = second_distance_ - best_distance_;
  if (best_distance_ <= feature_bound && best_dlib_ <= thresholds_.dlib &&
      (alone || answer.margin >= thresholds_.identify_margin))
    answer.user = best_;
  return answer;
}

Secret<Encodings> mean_of(std::span<const Sight* const> sights) {
  Secret<Encodings> mean;
  std::size_t count = 0;
  for (const Sight* sight : sights) {
    if (!sight->encoded || !encoding_math::usable(sight->encodings)) continue;
    encoding_math::add(*mean, sight->encodings);
    ++count;
  }
  // Zeros when there is no mean; those match nobody.
  static_cast<void>(encoding_math::to_mean(*mean, count));
  return mean;
}

Secret<Encodings> mean_of_all(std::span<const Secret<Sight>> sights) {
  std::vector<const Sight*> list;
  list.reserve(sights.size());
  for (const Secret<Sight>& sight : sights) list.push_back(&*sight);
  return mean_of(list);
}

}  // namespace faceauth
