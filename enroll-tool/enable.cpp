// Switches face login on again, for one user or for all.
#include <enroll-tool/commands.h>
#include <enroll-tool/person.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

// Whether faces stay off for everybody all the same. A daemon that does not say has done what was asked of it.
bool off_for_all(Connection& connection) {
  if (auto begun = connection.begin(wire::Type::status, wire::Empty{}); !begun) return false;
  const auto status = connection.expect<wire::StatusResult>(wire::Type::status_result, kRecordsWithin);
  return status && status->faces_off;
}

}  // namespace

Exit run_enable(const Context& context, const SwitchOptions& options) {
  const Result<std::string> user = user_or_self(options.user);
  if (!user) return context.out.failed(user.error());
  nlohmann::ordered_json who{{"user", string_or_null(*user)}};
  Result<Connection> connection = open_proved(context.socket, *user, options.password_stdin);
  if (!connection) return context.out.failed(connection.error(), who);
  if (auto on = connection->request(wire::Type::enable, wire::UserOnly{text_of(*user)}, kRecordsWithin); !on)
    return context.out.failed(on.error(), who);
  const bool still_off = !user->empty() && off_for_all(*connection);
  who["faces_off"] = still_off;
  if (user->empty())
    return context.out.done(who, "everybody: face login is on; users who are switched off themselves stay so");
  if (!still_off) return context.out.done(who, fmt::format("{}: face login is on", *user));
  context.out.warn("faces are off for everybody; root ends that with: enroll-tool enable");
  return context.out.done(who, fmt::format("{}: face login is on as soon as it is on for everybody", *user));
}

}  // namespace faceauth::enroll
