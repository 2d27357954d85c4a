// Model files in memory, read once and verified before any parser sees a byte of them.
#pragma once

#include <faceauth/result.h>

#include <faced/vision/model_pins.h>

#include <string>

namespace faceauth::vision {

struct ModelFile {
  std::string bytes;
  std::string name;  // "<file stem>:<first 16 hex digits of sha256>", stored with every template
};

struct ModelFiles {
  ModelFile dlib, shape, detect, landmark, feature, liveness, eye;
};

// Reads the file of `pin` from `directory`, a trusted path (util/trusted_file.h).
// Errors: not_found, unsafe_path, io, corrupt (both hashes are in the message).
[[nodiscard]] Result<ModelFile> read_model(const std::string& directory, const ModelPin& pin);

// All of them, in one call.
[[nodiscard]] Result<ModelFiles> read_models(const std::string& directory);

}  // namespace faceauth::vision
