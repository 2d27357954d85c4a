// Switches face login off at once, for one user or for all.
#include <enroll-tool/commands.h>
#include <enroll-tool/person.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

Exit run_disable(const Context& context, const SwitchOptions& options) {
  const Result<std::string> user = user_or_self(options.user);
  if (!user) return context.out.failed(user.error());
  const nlohmann::ordered_json who{{"user", string_or_null(*user)}};
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return context.out.failed(connection.error(), who);
  if (auto off = connection->request(wire::Type::disable, wire::UserOnly{text_of(*user)}, kRecordsWithin); !off)
    return context.out.failed(off.error(), who);
  return context.out.done(who,
                          fmt::format("{}: face login is off, passwords only", user->empty() ? "everybody" : *user));
}

}  // namespace faceauth::enroll
