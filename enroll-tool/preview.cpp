// What the camera sees, for the person before it: whether he is in the picture, and what to change.
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <enroll-tool/holders.h>
#include <enroll-tool/live.h>
#include <enroll-tool/person.h>
#include <faceauth/limits.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

// Empty: the person ended it. Else what he should know.
Result<std::string> preview(const Context& context, const PreviewOptions& options) {
  if (options.pictures && !context.out.json)
    return fail(Errc::invalid_argument, "--pictures goes with --json, whose events carry them");
  Result<std::string> self = own_name();
  if (!self) return fail(std::move(self));
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return fail(std::move(connection));
  if (auto begun = connection->begin(wire::Type::preview_begin, wire::UserOnly{text_of(*self)}); !begun)
    return fail(std::move(begun));
  Live live(context.out, {.title = "What the camera sees", .graphics = options.graphics, .pictures = options.pictures});
  Result<Answer> last = live.last(*connection, kCameraWithin);
  live.end();
  if (live.was_left()) return std::string();
  if (!last) return fail(std::move(last));
  if (auto done = Connection::decoded<wire::Empty>(*last, wire::Type::done); !done) return fail(std::move(done));
  return fmt::format("the preview ended by itself after {} minutes", limits::kConversationMs / 60'000);
}

}  // namespace

Exit run_preview(const Context& given, const PreviewOptions& options) {
  Context context = given;
  context.out.events = context.out.json;
  Result<std::string> seen = preview(context, options);
  if (!seen) return context.out.failed(with_holders(std::move(seen).error(), context.socket));
  return context.out.done(nlohmann::ordered_json::object(), *seen);
}

}  // namespace faceauth::enroll
