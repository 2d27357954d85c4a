#include <enroll-tool/person.h>
#include <enroll-tool/terminal.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>
#include <pwd.h>

namespace faceauth::enroll {

bool is_root() { return ::geteuid() == 0; }

Result<void> is_root_or(const std::string& user) {
  if (is_root()) return {};
  const passwd* named = ::getpwnam(user.c_str());
  if (named == nullptr || named->pw_uid != ::geteuid())
    return fail(Errc::not_permitted, fmt::format("only root and {} may do this", printable(user)));
  return {};
}

Result<void> may_use_photos(std::size_t count) {
  if (count == 0 || is_root()) return {};
  return fail(Errc::not_permitted, "only root may use photos; use the camera");
}

Result<std::string> own_name() {
  const passwd* self = ::getpwuid(::geteuid());
  if (self == nullptr)
    return fail(Errc::not_permitted,
                fmt::format("uid {} has no user name; only root may ask about everybody", ::geteuid()));
  return std::string(self->pw_name);
}

Result<std::string> user_or_self(const std::string& user) {
  if (!user.empty() || is_root()) return user;
  return own_name();
}

Result<bool> is_registered(const std::string& socket, const std::string& user) {
  Result<Connection> connection = Connection::open(socket);
  if (!connection) return fail(std::move(connection));
  Result<void> begun = connection->begin(wire::Type::list, wire::ListBegin{text_of(user)});
  if (!begun && begun.error().code == Errc::not_found) return false;
  if (!begun) return fail(std::move(begun));
  const Result<Answer> answer = connection->next(kRecordsWithin);
  if (answer) return answer->type == wire::Type::list_user;
  if (answer.error().code == Errc::not_found) return false;
  return tl::unexpected<Error>(answer.error());
}

Result<void> present_password(const std::string& user, bool from_stdin, Password& out) {
  if (from_stdin) return read_password(STDIN_FILENO, out);
  return ask_password(fmt::format("Present password of {}: ", printable(user)), out);
}

Result<Connection> open_proved(const std::string& socket, const std::string& user, bool from_stdin) {
  Password password;
  if (auto permitted = is_root_or(user); !permitted) return fail(std::move(permitted));
  if (!is_root()) {
    if (auto got = present_password(user, from_stdin, password); !got) return fail(std::move(got));
  }
  Result<Connection> connection = Connection::open(socket);
  if (!connection || is_root()) return connection;
  auto proved = connection->request(wire::Type::prove_password, wire::ProvePassword{text_of(user), password.text()},
                                    kPasswordWithin);
  if (!proved) return fail(std::move(proved));
  return connection;
}

}  // namespace faceauth::enroll
