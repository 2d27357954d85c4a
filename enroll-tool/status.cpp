// How the daemon fares.
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <enroll-tool/person.h>
#include <fmt/core.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::ordered_json;

std::string counted(std::uint64_t n, const char* what) { return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s"); }

void row(const Output& out, const char* name, Tone tone, const std::string& value) {
  out.show({{Tone::faint, fmt::format("  {:<9}", name)}, {tone, value}});
}

// Of whoever asks, when he is not root: he may know that of himself.
void show_self(const Context& context) {
  const Result<std::string> self = user_or_self("");
  if (!self || self->empty()) return;
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return;
  if (auto begun = connection->begin(wire::Type::list, wire::ListBegin{text_of(*self)}); !begun) {
    if (begun.error().code == Errc::not_found)
      row(context.out, "you", Tone::warning, "not registered: enroll-tool enroll " + *self);
    return;
  }
  const auto user = connection->expect<wire::ListUser>(wire::Type::list_user, kRecordsWithin);
  if (!user) {
    if (user.error().code == Errc::not_found)
      row(context.out, "you", Tone::warning, "not registered: enroll-tool enroll " + *self);
    return;
  }
  row(context.out, "you", user->disabled ? Tone::warning : Tone::plain,
      fmt::format("{}, {}, {}", counted(user->templates, "face"), user->has_password ? "a password" : "no password",
                  user->disabled ? "face login off: enroll-tool enable " + *self : "face login on"));
}

void show(const Context& context, const wire::StatusResult& s, const Json& models) {
  const Output& out = context.out;
  out.show({{Tone::strong, "faceauth " + string_of(s.version)},
            {Tone::plain, ": "},
            {s.ready ? Tone::good : Tone::warning, s.ready ? "ready" : "not ready"}});
  row(out, "camera", Tone::plain, s.camera.size == 0 ? "none" : string_of(s.camera));
  for (const Json& model : models)
    row(out, &model == &models.front() ? "models" : "", Tone::plain, model.get<std::string>());
  if (models.empty()) row(out, "models", Tone::warning, "none loaded");
  row(out, "store", Tone::plain,
      s.counted ? fmt::format("{}, {}, {} KiB", counted(s.users, "user"), counted(s.templates, "template"),
                              (s.bytes + 1023) / 1024)
                : "counted for root only");
  row(out, "eye", s.eye_restarts == 0 ? Tone::plain : Tone::warning,
      fmt::format("{}, {}", s.eye_pid == 0 ? "not running" : fmt::format("pid {}", s.eye_pid),
                  counted(s.eye_restarts, "restart")));
  if (!is_root()) show_self(context);
  if (!s.ready)
    out.show("The models are being loaded, or cannot be; if this stays so for a minute: enroll-tool doctor");
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
       {"camera", string_of(s->camera)},
       {"models", models},
       {"store", {{"users", figure(s->users)}, {"templates", figure(s->templates)}, {"bytes", figure(s->bytes)}}},
       {"eye", {{"pid", s->eye_pid == 0 ? Json() : Json(s->eye_pid)}, {"restarts", s->eye_restarts}}}});
  if (!context.out.json) show(context, *s, models);
  return Exit::ok;
}

}  // namespace faceauth::enroll
