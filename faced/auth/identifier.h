// Who is this (1:N), with an unknown-person rule. Pure.
#pragma once

#include <faced/auth/verifier.h>
#include <faced/crypto/secret.h>

#include <faceauth/sight.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace faceauth {

// Feed every enrolled user's reference once, then ask.
class Identifier {
 public:
  // `probe` is the mean of the frames. `gallery_size`: users to be compared; the feature threshold tightens with it
  // so that the chance of a stranger being taken for anybody stays near that of one comparison.
  Identifier(const MatchThresholds& thresholds, std::size_t gallery_size, const Encodings& probe);

  void compare(const std::string& user, const Encodings& reference);

  struct Answer {
    std::optional<std::string> user;  // nothing: unknown person, or two users too close to tell apart
    float margin = 0;                 // feature distance of the second best less the best's; 0 with fewer than two
  };
  [[nodiscard]] Answer answer() const;

 private:
  MatchThresholds thresholds_;
  Secret<Encodings> probe_;
  std::size_t gallery_size_;
  std::size_t compared_ = 0;
  std::string best_;
  float best_distance_ = 4, second_distance_ = 4;  // of fr_feature; at most 2 can be reached
  float best_dlib_ = 4;
};

// The mean of several sights' encodings: fr_feature to length 1, dlib plain. Zeros, which match nobody, when none of
// them is usable.
[[nodiscard]] Secret<Encodings> mean_of(std::span<const Sight* const> sights);
[[nodiscard]] Secret<Encodings> mean_of_all(std::span<const Secret<Sight>> sights);

}  // namespace faceauth
