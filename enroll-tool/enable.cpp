// Switches face login on again, for one user or for all.
#include <enroll-tool/commands.h>
#include <enroll-tool/person.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

Exit run_enable(const Context& context, const SwitchOptions& options) {
  const Result<std::string> user = user_or_self(options.user);
  if (!user) return context.out.failed(user.error());
  const nlohmann::ordered_json who{{"user", string_or_null(*user)}};
  Result<Connection> connection = open_proved(context.socket, *user, options.password_stdin);
  if (!connection) return context.out.failed(connection.error(), who);
  if (auto on = connection->request(wire::Type::enable, wire::UserOnly{text_of(*user)}, kRecordsWithin); !on)
    return context.out.failed(on.error(), who);
  return context.out.done(who, fmt::format("{}: face login is on", user->empty() ? "everybody" : *user));
}

}  // namespace faceauth::enroll
