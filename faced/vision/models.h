// Model files in memory, read once and verified before any parser sees a byte of them.
#pragma once

#include <faceauth/result.h>

#include <faced/config/encoder.h>
#include <faced/vision/model_pins.h>

#include <string>

namespace faceauth::vision {

struct ModelFile {
  std::string bytes;
  std::string name;  // stored with every template: "<file stem>:<first 16 hex digits of sha256>", or Encoder::name
};

struct ModelFiles {
  ModelFile dlib, shape, detect, landmark, feature, liveness, eye;
};

// Reads the file of `pin` from `directory`, a trusted path (util/trusted_file.h).
// Errors: not_found, unsafe_path, io, corrupt (both hashes are in the message).
[[nodiscard]] Result<ModelFile> read_model(const std::string& directory, const ModelPin& pin);

// The network that `encoder` describes: in its own directory, or in `directory` for the shipped one. Errors: as above.
[[nodiscard]] Result<ModelFile> read_encoder(const std::string& directory, const Encoder& encoder);

// All of them, in one call.
[[nodiscard]] Result<ModelFiles> read_models(const std::string& directory, const Encoder& encoder);

}  // namespace faceauth::vision
