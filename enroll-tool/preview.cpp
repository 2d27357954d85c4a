// What the camera sees, for the person before it: whether he is in the picture, and what to change.
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <enroll-tool/holders.h>
#include <enroll-tool/live.h>
#include <enroll-tool/person.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

Result<void> preview(const Context& context, const PreviewOptions& options) {
  Result<std::string> self = own_name();
  if (!self) return fail(std::move(self));
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return fail(std::move(connection));
  if (auto begun = connection->begin(wire::Type::preview_begin, wire::UserOnly{text_of(*self)}); !begun) return begun;
  Live live(context.out, {.title = "What the camera sees", .graphics = options.graphics, .pictures = options.pictures});
  Result<Answer> last = live.last(*connection, kCameraWithin);
  live.end();
  if (live.was_left()) return {};
  if (!last) return fail(std::move(last));
  if (auto done = Connection::decoded<wire::Empty>(*last, wire::Type::done); !done) return fail(std::move(done));
  return {};
}

}  // namespace

Exit run_preview(const Context& given, const PreviewOptions& options) {
  Context context = given;
  context.out.events = context.out.json;
  if (Result<void> seen = preview(context, options); !seen)
    return context.out.failed(with_holders(std::move(seen).error(), context.socket));
  return context.out.done(nlohmann::ordered_json::object(), "");
}

}  // namespace faceauth::enroll
