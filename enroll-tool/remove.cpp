// Removes a user, or his templates of one label.
#include <enroll-tool/commands.h>
#include <enroll-tool/person.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

Exit run_remove(const Context& context, const RemoveOptions& options) {
  const nlohmann::ordered_json who{{"user", options.user}};
  Result<Connection> connection = open_proved(context.socket, options.user, options.password_stdin);
  if (!connection) return context.out.failed(connection.error(), who);
  const wire::Remove request{text_of(options.user), text_of(options.label)};
  if (auto removed = connection->request(wire::Type::remove, request, kRecordsWithin); !removed)
    return context.out.failed(removed.error(), who);
  return context.out.done(who, options.label.empty()
                                   ? fmt::format("{} removed", options.user)
                                   : fmt::format("{}: templates \"{}\" removed", options.user, options.label));
}

}  // namespace faceauth::enroll
