// How the daemon fares.
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <enroll-tool/person.h>
#include <enroll-tool/waiting.h>
#include <fmt/core.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::ordered_json;

std::string counted(std::uint64_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

void row(const Output& out, const char* name, Tone tone, const std::string& value) {
  out.show({{Tone::faint, fmt::format("  {:<9}", name)}, {tone, value}});
}

// Of "name:hash" the name; the hash is for programs. The daemon cuts a long name: back to its last whole word.
std::string model_name(const std::string& model) {
  constexpr std::size_t kCutAt = 30;
  std::string name = model.substr(0, model.rfind(':'));
  if (name.size() == kCutAt) name.resize(std::min(name.size(), name.rfind('_')));
  return name;
}

// Of whoever asks, when he is not root: he may know that of himself. Nothing: it cannot be had.
std::optional<std::string> own_row(Connection& connection, const std::string& self, bool off_for_all, bool& amiss) {
  amiss = true;
  const std::string none = "not registered: enroll-tool enroll " + self;
  const auto nothing = [&](const Error& e) { return e.code == Errc::not_found ? std::optional(none) : std::nullopt; };
  if (auto begun = connection.begin(wire::Type::list, wire::ListBegin{text_of(self)}); !begun)
    return nothing(begun.error());
  const auto user = connection.expect<wire::ListUser>(wire::Type::list_user, kRecordsWithin);
  if (!user) return nothing(user.error());
  const std::string has =
      fmt::format("{}, {}", counted(user->templates, "face"), user->has_password ? "a password" : "no password");
  const bool disabled = user->disabled;
  const Result<bool> waits = templates_wait(connection, user->templates);
  if (!waits) return std::nullopt;
  amiss = disabled || *waits;
  if (off_for_all) return has + ", face login off for everybody";
  if (disabled) return fmt::format("{}, face login off: enroll-tool enable {}", has, self);
  if (*waits) return fmt::format("{}, waiting for a scan: enroll-tool enroll {}", has, self);
  return has + ", face login on";
}

void show_self(const Output& out, Connection& connection, bool off_for_all) {
  const Result<std::string> self = user_or_self("");
  if (!self || self->empty()) return;
  bool amiss = false;
  if (const std::optional<std::string> words = own_row(connection, *self, off_for_all, amiss))
    row(out, "you", amiss ? Tone::warning : Tone::plain, *words);
}

// The connection's next answer takes the place of what `s` borrows: whoever asks is shown last.
void show(const Output& out, Connection& connection, const wire::StatusResult& s, const Json& models) {
  out.show({{Tone::strong, "faceauth " + string_of(s.version)},
            {Tone::plain, ": "},
            {s.ready ? Tone::good : Tone::warning, s.ready ? "ready" : "not ready"}});
  if (s.faces_off) row(out, "faces", Tone::bad, "OFF for everybody, passwords only; root ends it: enroll-tool enable");
  row(out, "camera", Tone::plain, s.camera.size == 0 ? "none" : string_of(s.camera));
  std::string names;
  for (const Json& model : models) names += (names.empty() ? "" : ", ") + model_name(model.get<std::string>());
  row(out, "models", models.empty() ? Tone::warning : Tone::plain, models.empty() ? "none loaded" : names);
  row(out, "store", Tone::plain,
      s.counted ? fmt::format("{}, {}, {} KiB", counted(s.users, "user"), counted(s.templates, "template"),
                              (s.bytes + 1023) / 1024)
                : "counted for root only");
  row(out, "eye", s.eye_restarts == 0 ? Tone::plain : Tone::warning,
      fmt::format("{}, {}", s.eye_pid == 0 ? "not running" : fmt::format("pid {}", s.eye_pid),
                  counted(s.eye_restarts, "restart")));
  const bool ready = s.ready;
  if (!is_root()) show_self(out, connection, s.faces_off);
  if (!ready) out.show("The models are being loaded, or cannot be; if this stays so for a minute: enroll-tool doctor");
}

}  // namespace

Exit run_status(const Context& context) {
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return context.out.failed(connection.error());
  if (auto begun = connection->begin(wire::Type::status, wire::Empty{}); !begun)
    return context.out.failed(begun.error());
  const auto s = connection->expect<wire::StatusResult>(wire::Type::status_result, kRecordsWithin);
  if (!s) return context.out.failed(s.error());

  Json models = Json::array();
  for (const wire::Text& model : s->models)
    if (model.size > 0) models.push_back(string_of(model));
  const auto figure = [&](std::uint64_t count) { return s->counted ? Json(count) : Json(); };
  context.out.object(
      {{"version", string_of(s->version)},
       {"ready", s->ready},
       {"faces_off", s->faces_off},
       {"camera", string_of(s->camera)},
       {"models", models},
       {"store", {{"users", figure(s->users)}, {"templates", figure(s->templates)}, {"bytes", figure(s->bytes)}}},
       {"eye", {{"pid", s->eye_pid == 0 ? Json() : Json(s->eye_pid)}, {"restarts", s->eye_restarts}}}});
  if (!context.out.json) show(context.out, *connection, *s, models);
  return Exit::ok;
}

}  // namespace faceauth::enroll
