// How the daemon fares.
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <fmt/core.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::ordered_json;

void show(const Output& out, const wire::StatusResult& s, const Json& models) {
  std::string names;
  for (const Json& m : models) names += (names.empty() ? "" : ", ") + m.get<std::string>();
  out.show(fmt::format("version    {}", string_of(s.version)));
  out.show(fmt::format("ready      {}", s.ready ? "yes" : "no"));
  out.show(fmt::format("camera     {}", string_of(s.camera)));
  out.show(fmt::format("models     {}", names.empty() ? "none" : names));
  if (s.counted)
    out.show(fmt::format("store      {} users, {} templates, {} KiB", s.users, s.templates, (s.bytes + 1023) / 1024));
  else
    out.show("store      counted for root only");
  out.show(fmt::format("eye        {}, {} restarts", s.eye_pid == 0 ? "not running" : fmt::format("pid {}", s.eye_pid),
                       s.eye_restarts));
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
  const auto counted = [&](std::uint64_t figure) { return s->counted ? Json(figure) : Json(); };
  context.out.object(
      {{"version", string_of(s->version)},
       {"ready", s->ready},
       {"camera", string_of(s->camera)},
       {"models", models},
       {"store", {{"users", counted(s->users)}, {"templates", counted(s->templates)}, {"bytes", counted(s->bytes)}}},
       {"eye", {{"pid", s->eye_pid == 0 ? Json() : Json(s->eye_pid)}, {"restarts", s->eye_restarts}}}});
  show(context.out, *s, models);
  return Exit::ok;
}

}  // namespace faceauth::enroll
