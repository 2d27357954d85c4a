#include <enroll-tool/file.h>
#include <enroll-tool/socket_path.h>
#include <fmt/core.h>

#include <toml++/toml.h>

namespace faceauth::enroll {

namespace {

constexpr FileKind kConfiguration{1 << 20, "a configuration"};

Result<std::string> find_socket(const std::string& text, const std::string& file) {
  try {
    const toml::table table = toml::parse(text, file);
    const auto at = table["paths"]["socket"];
    if (!at) return std::string(kDefaultSocket);
    if (const auto path = at.value_exact<std::string>(); path && !path->empty()) return *path;
    return fail(Errc::invalid_argument,
                fmt::format("{}:{}: paths.socket: expected a path in quotes", file, at.node()->source().begin.line));
  } catch (const toml::parse_error& e) {
    return fail(Errc::invalid_argument, fmt::format("{}:{}: {}", file, e.source().begin.line, e.description()));
  }
}

}  // namespace

Result<std::string> socket_path(const std::string& file) {
  const Result<std::string> text = read_file(file, kConfiguration);
  if (text) return find_socket(*text, file);
  if (text.error().code == Errc::not_found && file == kDefaultConfig) return std::string(kDefaultSocket);
  return fail(Errc::invalid_argument, text.error().message);
}

Result<Settings> read_settings(const std::string& file) {
  Settings settings;
  const Result<std::string> text = read_file(file, kConfiguration);
  if (!text && text.error().code == Errc::not_found && file == kDefaultConfig) return settings;
  if (!text) return tl::unexpected<Error>(text.error());
  try {
    const toml::table table = toml::parse(*text, file);
    const auto take = [&](const char* section, const char* name, std::string& into) {
      if (const auto value = table[section][name].value_exact<std::string>()) into = *value;
    };
    take("paths", "socket", settings.socket);
    take("paths", "store", settings.store);
    take("paths", "models", settings.models);
    take("key", "source", settings.key);
    take("camera", "device", settings.camera);
    take("match", "encoder", settings.encoder);
    take("liveness", "mode", settings.liveness);
  } catch (const toml::parse_error& e) {
    return fail(Errc::invalid_argument, fmt::format("{}:{}: {}", file, e.source().begin.line, e.description()));
  }
  return settings;
}

}  // namespace faceauth::enroll
