#include <faced/util/fd.h>
#include <faced/util/trusted_file.h>
#include <faced/vision/models.h>

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <utility>

namespace faceauth::vision {
namespace {

constexpr std::size_t kNameHexDigits = 16;
constexpr std::size_t kEncoderBytesMax = std::size_t{512} << 20;

std::string sha256_hex(const std::string& bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) return "unavailable";
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::string model_name(const ModelPin& pin) {
  const std::string_view stem = pin.file.substr(0, pin.file.rfind('.'));
  // The longest stem is cut so that the name fits its field on the link; the hash tells models apart.
  return fmt::format("{}:{}", stem.substr(0, 30), pin.sha256.substr(0, kNameHexDigits));
}

// The hash alone would do against a changed file; the path is vetted as well so that a directory others may write is
// noticed when it is set up, and no FIFO or device is opened in a model's place.
Result<std::string> read_verified(const std::string& path, std::string_view sha256, std::size_t most,
                                  std::string_view remedy) {
  const Result<Fd> file = open_trusted(path);
  if (!file) return fail_in("opening a model", file.error());
  Result<std::string> bytes = read_all(file->get(), most);
  if (!bytes) return fail_in("reading the model " + path, bytes.error());
  const std::string found = sha256_hex(*bytes);
  if (found == sha256) return bytes;
  return fail(Errc::corrupt, fmt::format("the model {} is not the one that is needed: expected sha256 {}, found {}; {}",
                                         path, sha256, found, remedy));
}

}  // namespace

Result<ModelFile> read_model(const std::string& directory, const ModelPin& pin) {
  Result<std::string> bytes =
      read_verified(directory + "/" + std::string(pin.file), pin.sha256, pin.bytes + 1, "fetch the models again");
  if (!bytes) return fail(std::move(bytes));
  return ModelFile{*std::move(bytes), model_name(pin)};
}

Result<ModelFile> read_encoder(const std::string& directory, const Encoder& encoder) {
  const std::string& own = encoder.directory.empty() ? directory : encoder.directory;
  Result<std::string> bytes = read_verified(own + "/" + encoder.file, encoder.sha256, kEncoderBytesMax,
                                            "its description (docs/MODELS.md) says which one that is");
  if (!bytes) return fail(std::move(bytes));
  return ModelFile{*std::move(bytes), encoder.name()};
}

Result<ModelFiles> read_models(const std::string& directory, const Encoder& encoder) {
  ModelFiles files;
  const std::pair<ModelFile*, const ModelPin*> wanted[] = {
      {&files.dlib, &kDlibPin},         {&files.shape, &kShapePin},       {&files.detect, &kDetectPin},
      {&files.landmark, &kLandmarkPin}, {&files.liveness, &kLivenessPin}, {&files.eye, &kEyePin}};
  for (const auto& [file, pin] : wanted) {
    Result<ModelFile> read = read_model(directory, *pin);
    if (!read) return fail(std::move(read));
    *file = *std::move(read);
  }
  Result<ModelFile> feature = read_encoder(directory, encoder);
  if (!feature) return fail(std::move(feature));
  files.feature = *std::move(feature);
  return files;
}

}  // namespace faceauth::vision
