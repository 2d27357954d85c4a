#include <faced/config/config.h>
#include <faced/util/trusted_file.h>

namespace faceauth {
namespace {
constexpr std::size_t kFileMax = 256u << 10;  // a few hundred services
}

const ServicePolicy& Config::service(std::string_view name) const {
  const auto found = services.find(name);
  return found == services.end() ? default_service : found->second;
}

const CameraPolicy& Config::camera_at(std::size_t place) const { return place == 0 ? camera : infrared.value(); }

Result<LoadedConfig> load_config(const std::string& file) {
  auto fd = open_trusted(file);
  if (!fd) return fail_in("reading the configuration", fd.error());
  const auto text = read_all(fd->get(), kFileMax);
  if (!text) return fail_in("reading the configuration " + file, text.error());
  Result<LoadedConfig> loaded = parse_config(*text, file);
  if (!loaded) return loaded;
  if (!loaded->config.hook.empty())
    if (const auto hook = open_trusted(loaded->config.hook); !hook)
      loaded->warnings.push_back(file + ": enrolment.hook will not be run: " + hook.error().message);
  if (loaded->config.encoder_file.empty()) return loaded;
  Result<Encoder> encoder = load_calibrated_encoder(loaded->config.encoder_file);
  if (!encoder) return fail(std::move(encoder));
  loaded->config.encoder = *std::move(encoder);
  return loaded;
}

}  // namespace faceauth
