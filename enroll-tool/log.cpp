// Shows the ledger, or has the daemon prove it.
#include <enroll-tool/commands.h>
#include <enroll-tool/person.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace faceauth::enroll {

namespace {

using Json = nlohmann::ordered_json;

constexpr milliseconds kLogWithin{60'000};

std::string hex(const std::uint8_t* bytes, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += fmt::format("{:02x}", bytes[i]);
  return out;
}

const char* outcome_of(const wire::LogEntry& e) {
  if (has_verdict(e.kind)) return verdict_name(e.verdict);
  return e.outcome == Errc::ok ? "done" : errc_name(e.outcome);
}

Json uid_or_null(std::uint32_t uid) { return uid == ~std::uint32_t{0} ? Json() : Json(uid); }

Json object_of(const wire::LogEntry& e) {
  if (!e.readable) return {{"number", e.number}, {"kind", "damaged"}};
  return {{"number", e.number},
          {"time", iso_time(e.time).value_or("")},
          {"boot", hex(e.boot, sizeof e.boot)},
          {"kind", audit_kind_name(e.kind)},
          {"user", string_or_null(string_of(e.user))},
          {"uid", uid_or_null(e.user_uid)},
          {has_verdict(e.kind) ? "verdict" : "outcome", outcome_of(e)},
          {"service", string_or_null(string_of(e.service))},
          {"tty", string_or_null(string_of(e.tty))},
          {"rhost", string_or_null(string_of(e.rhost))},
          {"peer_uid", uid_or_null(e.peer_uid)},
          {"peer_pid", e.peer_pid},
          {"skipped", e.skipped}};
}

std::string row_of(const wire::LogEntry& e) {
  if (!e.readable) return fmt::format("{:>7}  damaged", e.number);
  const auto part = [](const char* name, wire::Text text) {
    return text.size == 0 ? std::string() : fmt::format(" {} {}", name, printable(string_of(text)));
  };
  std::string row =
      fmt::format("{:>7}  {}  {:<8} {:<16} {}", e.number, iso_time(e.time).value_or("-"), audit_kind_name(e.kind),
                  printable(e.user.size > 0 ? string_of(e.user) : "-"), outcome_of(e));
  row += part("for", e.service) + part("on", e.tty) + part("from", e.rhost);
  row += e.peer_uid == ~std::uint32_t{0} ? " (faced)" : fmt::format(" (uid {}, pid {})", e.peer_uid, e.peer_pid);
  if (e.skipped > 0) row += fmt::format(", {} more like it not recorded", e.skipped);
  return row;
}

// Gathered first: the keeper drops who does not read on, and a person's pager does not.
Result<std::string> gather(Connection& connection, const wire::LogBegin& wanted, bool json) {
  if (auto begun = connection.begin(wire::Type::log, wanted); !begun) return fail(std::move(begun));
  std::string text;
  for (;;) {
    const Result<Answer> answer = connection.next(kLogWithin);
    if (!answer) return tl::unexpected<Error>(answer.error());
    if (answer->type == wire::Type::done) return text;
    const auto entry = Connection::decoded<wire::LogEntry>(*answer, wire::Type::log_entry);
    if (!entry) return tl::unexpected<Error>(entry.error());
    if (json)
      text += (text.empty() ? "" : ",") + to_line(object_of(*entry));
    else
      text += row_of(*entry) + "\n";
  }
}

Exit verify(const Context& context, Connection& connection) {
  if (auto begun = connection.begin(wire::Type::log_verify, wire::Empty{}); !begun)
    return context.out.failed(begun.error());
  const auto check = connection.expect<wire::LogCheck>(wire::Type::log_check, kLogWithin);
  if (!check) return context.out.failed(check.error());
  const std::string head = hex(check->head, sizeof check->head);
  context.out.object({{"intact", check->intact},
                      {"entries", check->entries},
                      {"first", check->first},
                      {"next", check->next},
                      {"broken_at", check->intact ? Json() : Json(check->broken_at)},
                      {"head", head}});
  if (!check->intact) {
    context.out.show(fmt::format("broken at entry {}: what was recorded there was cut or changed", check->broken_at));
    return Exit::negative;
  }
  context.out.show(fmt::format("intact: {} entries, number {} is next; head {}", check->entries, check->next, head));
  return Exit::ok;
}

}  // namespace

Exit run_log(const Context& context, const LogOptions& options) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  const auto since = options.since.empty() ? std::optional<std::uint64_t>(0)
                                           : moment(options.since, static_cast<std::uint64_t>(now.count()));
  if (!since)
    return context.out.failed(
        {Errc::invalid_argument, fmt::format("--since {}: neither an age such as 12h nor a date", options.since)});
  const Result<std::string> user = options.verify ? std::string() : user_or_self(options.user);
  if (!user) return context.out.failed(user.error());
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return context.out.failed(connection.error());
  if (options.verify) return verify(context, *connection);
  const wire::LogBegin wanted{text_of(*user), text_of(options.service), *since, options.failed};
  const Result<std::string> text = gather(*connection, wanted, context.out.json);
  if (!text) return context.out.failed(text.error());
  if (context.out.json)
    fmt::print("{{\"entries\":[{}]}}\n", *text);
  else
    std::fwrite(text->data(), 1, text->size(), stdout);
  return Exit::ok;
}

}  // namespace faceauth::enroll
