// Shows who is registered.
#include <enroll-tool/commands.h>
#include <enroll-tool/person.h>
#include <enroll-tool/spool.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::ordered_json;

Json time_or_null(std::uint64_t unix_seconds) {
  const auto text = unix_seconds == 0 ? std::nullopt : iso_time(unix_seconds);
  return text ? Json(*text) : Json();
}

std::string hex(const std::uint8_t (&id)[8]) {
  std::string out;
  for (const std::uint8_t byte : id) out += fmt::format("{:02x}", byte);
  return out;
}

// One user, copied out of the connection's buffer.
struct User {
  explicit User(const wire::ListUser& u)
      : name(string_of(u.user)),
        uid(u.uid),
        has_password(u.has_password),
        disabled(u.disabled),
        failures(u.failures),
        locked_until(u.locked_until) {}

  std::string name;
  std::uint32_t uid;
  bool has_password, disabled;
  std::uint32_t failures;
  std::uint64_t locked_until;
  Json templates = Json::array();

  // All that is stored was imported: nobody can log in by it.
  [[nodiscard]] bool waits() const {
    return !templates.empty() &&
           std::all_of(templates.begin(), templates.end(), [](const Json& t) { return t["model"] == wire::kDlibOnly; });
  }
};

// What will be shown, gathered first: the keeper drops who does not read on, and a person's pager does not.
class Table {
 public:
  explicit Table(const Output& out) : out_(out) {}

  void add(const User& user, bool with_templates) {
    if (out_.json)
      add_object(user);
    else
      add_row(user, with_templates);
    ++count_;
  }

  Exit show() {
    if (out_.json) text_.add(count_ == 0 ? "{\"users\":[]}\n" : "]}\n");
    if (!out_.json && count_ == 0) out_.say("nobody is registered");
    if (auto shown = text_.show(stdout); !shown) return out_.failed(shown.error());
    return Exit::ok;
  }

 private:
  static constexpr const char* kRow = "{:<24} {:>10} {:>9}  {:<8}  {}\n";

  void add_object(const User& user) {
    text_.add(count_ == 0 ? "{\"users\":[" : ",");
    text_.add(to_line({{"user", user.name},
                       {"uid", user.uid},
                       {"templates", user.templates},
                       {"password", user.has_password},
                       {"failures", user.failures},
                       {"locked_until", time_or_null(user.locked_until)},
                       {"disabled", user.disabled}}));
  }

  void add_row(const User& user, bool with_templates) {
    if (count_ == 0) text_.add(fmt::format(kRow, "USER", "UID", "TEMPLATES", "PASSWORD", "STATE"));
    text_.add(fmt::format(kRow, printable(user.name), user.uid, user.templates.size(), user.has_password ? "yes" : "no",
                          state_of(user)));
    if (!with_templates) return;
    for (const Json& t : user.templates)
      text_.add(fmt::format("  {}  {}  {}  {}  {}\n", t["id"].get<std::string>(),
                            t["created"].is_null() ? "-" : t["created"].get<std::string>(),
                            printable(t["source"].get<std::string>()), printable(t["model"].get<std::string>()),
                            printable(t["label"].get<std::string>())));
  }

  static std::string state_of(const User& user) {
    std::string state = user.disabled ? "disabled" : user.waits() ? "waits for a scan" : "active";
    if (user.locked_until != 0) state += ", locked until " + iso_time(user.locked_until).value_or("-");
    if (user.failures != 0) state += fmt::format(", {} failures", user.failures);
    return state;
  }

  const Output& out_;
  Spool text_;
  std::size_t count_ = 0;
};

Result<User> read_user(Connection& connection, const Answer& first) {
  const auto head = Connection::decoded<wire::ListUser>(first, wire::Type::list_user);
  if (!head) return tl::unexpected<Error>(head.error());
  if (head->templates > limits::kTemplatesPerUser) return fail(Errc::protocol, error_words(Errc::protocol));
  User user(*head);
  for (std::uint32_t i = 0; i < head->templates; ++i) {
    const auto t = connection.expect<wire::ListTemplate>(wire::Type::list_template, kRecordsWithin);
    if (!t) return tl::unexpected<Error>(t.error());
    user.templates.push_back({{"id", hex(t->id)},
                              {"label", string_of(t->label)},
                              {"created", time_or_null(t->created)},
                              {"model", string_of(t->model)},
                              {"source", string_of(t->source)}});
  }
  return user;
}

Result<void> list(Connection& connection, const std::string& asked, Table& table) {
  if (auto begun = connection.begin(wire::Type::list, wire::ListBegin{text_of(asked)}); !begun) return begun;
  bool any = false;
  for (;;) {
    const Result<Answer> answer = connection.next(kRecordsWithin);
    if (!answer) return tl::unexpected<Error>(answer.error());
    if (answer->type == wire::Type::done) break;
    const Result<User> user = read_user(connection, *answer);
    if (!user) return tl::unexpected<Error>(user.error());
    table.add(*user, !asked.empty());
    any = true;
  }
  if (!any && !asked.empty()) return fail(Errc::not_found, fmt::format("{} is not registered", asked));
  return {};
}

}  // namespace

Exit run_list(const Context& context, const ListOptions& options) {
  const Result<std::string> user = user_or_self(options.user);
  if (!user) return context.out.failed(user.error());
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return context.out.failed(connection.error());
  Table table(context.out);
  if (auto listed = list(*connection, *user, table); !listed) return context.out.failed(listed.error());
  return table.show();
}

}  // namespace faceauth::enroll
