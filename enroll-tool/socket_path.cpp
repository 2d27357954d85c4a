#include <enroll-tool/fd.h>
#include <enroll-tool/socket_path.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <toml++/toml.h>
#include <cerrno>
#include <system_error>

namespace faceauth::enroll {

namespace {

constexpr off_t kConfigMax = 1 << 20;

std::string reason() { return std::generic_category().message(errno); }

Result<std::string> read_file(const std::string& file) {
  // Non-blocking, so that a FIFO cannot hang the tool.
  const Fd fd(::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd.valid()) return fail(errno == ENOENT ? Errc::not_found : Errc::io, fmt::format("{}: {}", file, reason()));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fail(Errc::io, fmt::format("{}: {}", file, reason()));
  if (!S_ISREG(info.st_mode)) return fail(Errc::io, fmt::format("{}: not a regular file", file));
  if (info.st_size > kConfigMax) return fail(Errc::io, fmt::format("{}: too large for a configuration", file));

  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t n = ::read(fd.get(), text.data() + filled, text.size() - filled);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Errc::io, fmt::format("{}: {}", file, reason()));
    if (n == 0) break;
    filled += static_cast<std::size_t>(n);
  }
  text.resize(filled);
  return text;
}

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
  const Result<std::string> text = read_file(file);
  if (text) return find_socket(*text, file);
  if (text.error().code == Errc::not_found && file == kDefaultConfig) return std::string(kDefaultSocket);
  return fail(Errc::invalid_argument, text.error().message);
}

Result<Settings> read_settings(const std::string& file) {
  Settings settings;
  const Result<std::string> text = read_file(file);
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
