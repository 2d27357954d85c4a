// Whole attempts, as a login makes them: K templates of a person against N frames, decided by the product's rule with
// liveness off.
#pragma once

#include <faceauth/result.h>

#include <tests/accuracy/dataset.h>
#include <tests/accuracy/encode.h>
#include <tests/accuracy/gallery.h>
#include <tests/accuracy/report.h>

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace faceauth::eval {

struct AttemptsPlan {
  std::size_t templates = 5, frames = 3;
  std::size_t adapt = 0;  // at most so many adapted templates; each attempt is a day after the one before
  std::optional<EncoderCalibration> calibration{};  // of an encoder that is not the shipped one
};

// `enrolled` and `seen` hold a Sight per file of `data`: of the pictures templates are made of, and of the same
// pictures as the camera shows them at a login (the same ones, unless their light or sharpness was made worse).
struct AttemptsReport {
  Json json;
  std::vector<NamedRanking> rankings;
  std::vector<float> own_frames;  // distance of each single genuine frame to its person's reference
};
[[nodiscard]] AttemptsReport judge_attempts(const Dataset& data, std::span<const Sight> enrolled,
                                            std::span<const Sight> seen, const AttemptsPlan& plan);

}  // namespace faceauth::eval
