// Thresholds for an encoder from people's photos: fitted on one half of the people, judged on the other.
#pragma once

#include <faced/config/encoder.h>

#include <faceauth/result.h>

#include <tests/accuracy/attempts.h>
#include <tests/accuracy/dataset.h>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace faceauth::eval {

// What the levels promise: false accepts per attempt, and ten times that in the hardest group known.
inline constexpr std::array kFarTargets = {1e-3, 1e-4, 1e-5};
inline constexpr double kHardestGroup = 10;

// Attempts of one set of people, and how many times a level's rate may be theirs.
struct FittedSet {
  const AttemptsReport* report;
  double factor = 1;
};

struct Fit {
  EncoderCalibration calibration;
  std::vector<std::string> extrapolated;  // levels whose rate the people are too few to show
};

// The first set is the one that the rates are of; for every other the thresholds may only become tighter. Errors:
// not_found (too few impostor attempts to see a rate of 1e-3), corrupt (people are not told apart).
[[nodiscard]] Result<Fit> fit_calibration(std::span<const FittedSet> sets);

// One folder of people with its encodings.
struct People {
  std::string name;  // for the report
  Dataset data;
  std::vector<Sight> sights;
};

struct Calibrated {
  EncoderCalibration calibration;
  std::size_t people = 0, images = 0;  // that it was fitted on
  Json json;
};

// `groups`: sets that are known to be hard, all of whose people are used to fit. Errors: as above.
[[nodiscard]] Result<Calibrated> calibrate(const People& main, std::span<const People> groups, AttemptsPlan plan);

// The [calibration] of an encoder's description. `date` like 2024-02-29, `data`: what it was made of, in words.
[[nodiscard]] std::string calibration_block(const Encoder& encoder, const Calibrated& made, const std::string& date,
                                            const std::string& data);

// `description` with this block in place of the one it has, if any.
[[nodiscard]] std::string with_block(const std::string& description, const std::string& block);

}  // namespace faceauth::eval
