// Ends a lockout.
#include <enroll-tool/commands.h>
#include <enroll-tool/connection.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

Exit run_unlock(const Context& context, const UnlockOptions& options) {
  const nlohmann::ordered_json who{{"user", options.user}};
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return context.out.failed(connection.error(), who);
  const wire::UserOnly request{text_of(options.user)};
  if (auto unlocked = connection->request(wire::Type::unlock, request, kRecordsWithin); !unlocked)
    return context.out.failed(unlocked.error(), who);
  return context.out.done(who, fmt::format("{} unlocked", options.user));
}

}  // namespace faceauth::enroll
