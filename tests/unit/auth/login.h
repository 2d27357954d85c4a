// Logins of ann, frame by frame.
#pragma once

#include <faced/auth/verifier.h>

#include <tests/unit/auth/people.h>

#include <cstdint>
#include <optional>

namespace faceauth::test {

inline VerifierPolicy still_policy() { return {.thresholds = {0.97F, 0.60F}, .liveness = false}; }

inline VerifierPolicy live_policy() {
  VerifierPolicy p = still_policy();
  p.liveness = true;
  return p;
}

// An attempt with frames a second apart.
class Login {
 public:
  explicit Login(const VerifierPolicy& policy) : attempt(policy, secret(person(1))) {}
  std::optional<Verdict> see(Sight sight) {
    if (sight.fingerprint == 0) sight.fingerprint = ++pictures;
    return attempt.observe(sight, now += std::chrono::seconds(1));
  }
  std::optional<Verdict> see(const Sight& sight, int times) {
    std::optional<Verdict> verdict;
    while (times-- > 0) verdict = see(sight);
    return verdict;
  }
  Attempt attempt;
  Steady now{};
  std::uint64_t pictures = 1;
};

inline const Encodings& ann() {
  static const Encodings e = person(1);
  return e;
}
inline Sight genuine() { return sight_of(away(ann(), 0.7F, 0.4F)); }
inline Sight stranger() { return sight_of(person(2)); }

}  // namespace faceauth::test
