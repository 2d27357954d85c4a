// All images against all, one image against one: what a recogniser is worth before templates and frames are averaged.
#pragma once

#include <faced/config/encoder.h>

#include <faceauth/sight.h>

#include <tests/accuracy/ranking.h>
#include <tests/accuracy/report.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace faceauth::eval {

// One image that was encoded.
struct Shot {
  const Encodings* encodings;
  std::uint32_t person;
};

// A curve to draw.
struct NamedRanking {
  std::string name;
  Ranking ranking;
};

struct GalleryReport {
  Json json;  // "recognisers" and "shipped"
  std::vector<NamedRanking> rankings;
};

// `people`: how many there are; shots carry numbers below it. `calibration`: of an encoder that is not the shipped one.
[[nodiscard]] GalleryReport compare_gallery(std::span<const Shot> shots, std::size_t people, unsigned jobs,
                                            const std::optional<EncoderCalibration>& calibration = std::nullopt);

// The figures of one ranking: "eer" and "fnmr_at".
[[nodiscard]] Json json_of(const Ranking& ranking, const Resamples& resamples);

}  // namespace faceauth::eval
