// faced.toml. Whatever it holds, the reader ends with values or with one line that names the place.
#include "fuzz.h"

#include <faced/config/config.h>

#include <string>
#include <string_view>

using namespace faceauth;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Result<LoadedConfig> loaded = parse_config(text, "f.toml");
  if (!loaded) {
    fuzz::must(loaded.error().message.starts_with("f.toml:"), "an error names file and line");
    fuzz::must(loaded.error().message.find('\n') == std::string::npos, "an error is one line");
    return 0;
  }
  const Config& config = loaded->config;
  fuzz::must(config.lockout.failures > 0 && config.lockout.disable_after > 0, "the lockout cannot be configured away");
  fuzz::must(config.camera.allow_replay || !config.camera.device.starts_with("replay:"), "no replay without a word");
  fuzz::must(config.liveness != LivenessMode::passive || config.camera.kind != CameraKind::infrared,
             "infrared alone, where nothing judges what is live, needs more than that");
  fuzz::must(config.cameras_asked() == 1 || config.infrared.has_value(), "two cameras are two");
  for (const auto& [name, service] : config.services)
    fuzz::must(service.factors != Factors::unset && service.intent != Intent::unset, "a service is complete");
  return 0;
}
