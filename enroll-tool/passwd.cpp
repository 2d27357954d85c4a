// Sets the password that stands in for the face.
#include <enroll-tool/commands.h>
#include <enroll-tool/person.h>
#include <enroll-tool/terminal.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

Result<void> change_password(const Context& context, const PasswdOptions& options) {
  if (auto permitted = is_root_or(options.user); !permitted) return permitted;
  if (!options.password_stdin) {
    // Nobody should think up a password for a user who is not there.
    const Result<bool> known = is_registered(context.socket, options.user);
    if (known && !*known) return fail(Errc::not_found, fmt::format("{} is not registered", options.user));
    if (!known && known.error().code != Errc::not_permitted) return tl::unexpected<Error>(known.error());
  }
  Password present, chosen;
  if (!is_root()) {
    if (auto got = present_password(options.user, options.password_stdin, present); !got) return got;
  }
  if (auto got = options.password_stdin ? read_password(STDIN_FILENO, chosen) : ask_new_password(chosen); !got)
    return got;

  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return fail(std::move(connection));
  const wire::Text user = text_of(options.user);
  if (!present.empty()) {
    const wire::ProvePassword proof{user, present.text()};
    if (auto proved = connection->request(wire::Type::prove_password, proof, kPasswordWithin); !proved) return proved;
  }
  return connection->request(wire::Type::set_password, wire::SetPassword{user, chosen.text()}, kPasswordWithin);
}

}  // namespace

Exit run_passwd(const Context& context, const PasswdOptions& options) {
  if (auto changed = change_password(context, options); !changed)
    return context.out.failed(changed.error(), {{"user", options.user}});
  return context.out.done({{"user", options.user}}, fmt::format("{}: password set", options.user));
}

}  // namespace faceauth::enroll
