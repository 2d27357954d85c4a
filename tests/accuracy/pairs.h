// Given pairs of images: the customary ten-fold accuracy, and what the product says of each.
#pragma once

#include <faced/config/encoder.h>

#include <faceauth/result.h>

#include <tests/accuracy/encode.h>
#include <tests/accuracy/report.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace faceauth::eval {

struct ImagePair {
  std::size_t first, second;  // of the list of files
  bool same;
  std::string kind;  // fourth column, if any
};

struct PairList {
  std::vector<std::string> files;
  std::vector<ImagePair> pairs;
};

// Columns: path, path, 0 or 1, and perhaps a kind; paths below `root`; the first line may be a heading. Errors:
// not_found, corrupt (with the line).
[[nodiscard]] Result<PairList> read_pairs(const std::string& csv, const std::string& root);

// Ten-fold accuracy follows the list's own folds where it has them: runs of pairs of one person, each followed by a run
// of pairs of two, as LFW's official list is written. `calibration`: of an encoder that is not the shipped one.
[[nodiscard]] Json judge_pairs(const PairList& list, std::span<const Sight> sights,
                               const std::optional<EncoderCalibration>& calibration = std::nullopt);

}  // namespace faceauth::eval
