// The second recogniser, the one that decides, as data: which network, what picture it wants, and the thresholds that
// belong to it. One comes with the programs; an administrator's is a file, read as strictly as faced.toml, whose trust
// rests on its owner. The eye reads it to know how to encode, the keeper to know how to decide.
#pragma once

#include <faceauth/result.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faceauth {

// Pixels of the network's picture.
using PicturePoint = std::array<float, 2>;

// What the network is shown. The defaults are what most recognisers use, and what the shipped one does.
struct EncoderInput {
  std::uint32_t side = 112;                                         // pixels; square
  bool rgb = true;                                                  // else BGR
  std::array<float, 3> mean{127, 127, 127}, divide{128, 128, 128};  // (value - mean) / divide, in the channels' order
  // Centres of the eyes (left in the picture first), tip of the nose, corners of the mouth (left first).
  std::array<PicturePoint, 5> points{
      {{38.29F, 51.70F}, {73.53F, 51.50F}, {56.03F, 71.74F}, {41.55F, 92.37F}, {70.73F, 92.20F}}};
  bool operator==(const EncoderInput&) const = default;
};

// Distances between unit vectors, 0..2. What each means: models/calibration.
struct EncoderCalibration {
  float convenient = 0, balanced = 0, strict = 0;
  float per_decade = 0, single_frame = 0, identify_margin = 0;
};

struct Encoder {
  std::string directory;  // of `file`; empty: where the other models are
  std::string file, sha256, licence, provenance;
  std::size_t dimensions = 0;
  EncoderInput input;
  std::optional<EncoderCalibration> calibration;

  // Stored with every template. Names the space that encodings live in: the file's stem, the first 16 hex digits of
  // its hash, and a digest of the input where that is not the usual one.
  [[nodiscard]] std::string name() const;
};

[[nodiscard]] const Encoder& shipped_encoder();

// `text` as if it stood in `file`, an absolute path. Errors: invalid_argument.
[[nodiscard]] Result<Encoder> parse_encoder(std::string_view text, const std::string& file);

// Reads a file whose every path component is trusted (util/trusted_file.h). Errors: as parse_encoder, and not_found,
// unsafe_path, io.
[[nodiscard]] Result<Encoder> load_encoder(const std::string& file);

// The same, for deciding with: an encoder that is not the shipped one must bring its calibration.
[[nodiscard]] Result<Encoder> load_calibrated_encoder(const std::string& file);

}  // namespace faceauth
