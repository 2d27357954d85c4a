// Shows the ledger, or has the daemon prove it.
#include <enroll-tool/commands.h>
#include <enroll-tool/person.h>
#include <enroll-tool/words.h>
#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <deque>
#include <limits>
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

Tone tone_of(const wire::LogEntry& e) {
  if (!has_verdict(e.kind)) return e.outcome == Errc::ok ? Tone::plain : Tone::warning;
  if (e.verdict == Verdict::match) return Tone::good;
  return e.verdict == Verdict::no_match || e.verdict == Verdict::not_live ? Tone::bad : Tone::warning;
}

std::string row_of(const Output& out, const wire::LogEntry& e) {
  const std::string number = fmt::format("{:>7}  ", e.number);
  if (!e.readable) return number + out.painted({Tone::bad, "damaged"});
  const auto part = [](const char* name, wire::Text text) {
    return text.size == 0 ? std::string() : fmt::format(" {} {}", name, printable(string_of(text)));
  };
  std::string row =
      out.painted({Tone::faint, number + iso_time(e.time).value_or("-")}) +
      fmt::format("  {:<8} {:<16} ", audit_kind_name(e.kind), printable(e.user.size > 0 ? string_of(e.user) : "-")) +
      out.painted({tone_of(e), outcome_of(e)});
  row += part("for", e.service) + part("on", e.tty) + part("from", e.rhost);
  row += e.peer_uid == ~std::uint32_t{0} ? " (faced)" : fmt::format(" (uid {}, pid {})", e.peer_uid, e.peer_pid);
  if (e.skipped > 0) row += fmt::format(", {} more like it not recorded", e.skipped);
  return row;
}

// What the daemon is asked for, and what of its answer is shown.
struct Wanted {
  wire::LogBegin from_daemon;
  std::uint64_t until = 0;
  std::string verdict;
  std::uint64_t last = 0;
};

// A damaged entry is shown whatever is asked for: nobody knows what it was.
bool is_wanted(const Wanted& wanted, const wire::LogEntry& e) {
  return !e.readable || (e.time <= wanted.until && (wanted.verdict.empty() || wanted.verdict == outcome_of(e)));
}

// Gathered first: the keeper drops who does not read on, and a person's pager does not.
Result<std::deque<std::string>> gather(Connection& connection, const Wanted& wanted, const Output& out) {
  if (auto begun = connection.begin(wire::Type::log, wanted.from_daemon); !begun) return fail(std::move(begun));
  std::deque<std::string> rows;
  for (;;) {
    const Result<Answer> answer = connection.next(kLogWithin);
    if (!answer) return tl::unexpected<Error>(answer.error());
    if (answer->type == wire::Type::done) return rows;
    const auto entry = Connection::decoded<wire::LogEntry>(*answer, wire::Type::log_entry);
    if (!entry) return tl::unexpected<Error>(entry.error());
    if (!is_wanted(wanted, *entry)) continue;
    rows.push_back(out.json ? to_line(object_of(*entry)) : row_of(out, *entry));
    if (wanted.last > 0 && rows.size() > wanted.last) rows.pop_front();
  }
}

void print(const Output& out, const std::deque<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += out.json ? (text.empty() ? "" : ",") + row : row + "\n";
  if (out.json) text = "{\"entries\":[" + text + "]}\n";
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (rows.empty() && !out.json) out.say("nothing of that kind is recorded");
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

Result<std::uint64_t> moment_of(const char* option, const std::string& text, std::uint64_t otherwise) {
  if (text.empty()) return otherwise;
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  if (const auto at = moment(text, static_cast<std::uint64_t>(now.count()))) return *at;
  return fail(Errc::invalid_argument, fmt::format("{} {}: neither an age such as 12h nor a date", option, text));
}

bool is_ending(const std::string& name) {
  bool known = name.empty() || name == "done";
  for (int v = 0; v <= kVerdictLast; ++v) known |= name == verdict_name(static_cast<Verdict>(v));
  for (int c = 1; c <= kErrcLast; ++c) known |= name == errc_name(static_cast<Errc>(c));
  return known;
}

Result<Wanted> wanted_by(const LogOptions& options, const std::string& user) {
  const Result<std::uint64_t> since = moment_of("--since", options.since, 0);
  if (!since) return tl::unexpected<Error>(since.error());
  const Result<std::uint64_t> until = moment_of("--until", options.until, std::numeric_limits<std::uint64_t>::max());
  if (!until) return tl::unexpected<Error>(until.error());
  if (!is_ending(options.verdict))
    return fail(
        Errc::invalid_argument,
        fmt::format("--verdict {}: match, no-match, not-live, timeout or another that the log shows", options.verdict));
  return Wanted{
      {text_of(user), text_of(options.service), *since, options.failed}, *until, options.verdict, options.last};
}

}  // namespace

Exit run_log(const Context& context, const LogOptions& options) {
  const Result<std::string> user = options.verify ? std::string() : user_or_self(options.user);
  if (!user) return context.out.failed(user.error());
  const Result<Wanted> wanted = wanted_by(options, *user);
  if (!wanted) return context.out.failed(wanted.error());
  Result<Connection> connection = Connection::open(context.socket);
  if (!connection) return context.out.failed(connection.error());
  if (options.verify) return verify(context, *connection);
  const Result<std::deque<std::string>> rows = gather(*connection, *wanted, context.out);
  if (!rows) return context.out.failed(rows.error());
  print(context.out, *rows);
  return Exit::ok;
}

}  // namespace faceauth::enroll
