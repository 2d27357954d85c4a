// log and log_verify: the ledger shown, and proved.
#include <faced/server/handlers.h>

#include <algorithm>
#include <chrono>

namespace faceauth {
namespace {

constexpr std::size_t kPage = 64;  // entries in one transaction: less than a millisecond
constexpr std::uint32_t kLogWithinMs = 60'000;

struct Wanted {
  std::string user, service;
  std::optional<std::uint32_t> uid;  // set: only what concerns this uid, whatever the name meant before
  UnixTime since{};
  bool failed = false;
};

bool is_failure(const AuditEvent& event) {
  return has_verdict(event.kind) ? event.verdict != Verdict::match : event.outcome != Errc::ok;
}

bool wants(const Wanted& wanted, const AuditEntry& entry) {
  const AuditEvent& event = entry.event;
  if (wanted.uid && *wanted.uid != event.user_uid) return false;
  if (!wanted.user.empty() && wanted.user != event.user) return false;
  // Root sees that an entry is damaged whatever he asked for: it could be the one.
  if (!entry.readable) return wanted.user.empty();
  if (!wanted.service.empty() && wanted.service != event.service) return false;
  return event.time >= wanted.since && (!wanted.failed || is_failure(event));
}

asio::awaitable<bool> send_entry(Connection& client, const AuditEntry& entry) {
  const AuditEvent& event = entry.event;
  wire::LogEntry line;
  line.number = entry.number;
  line.readable = entry.readable;
  line.kind = event.kind;
  if (entry.readable) {
    line.time = static_cast<std::uint64_t>(std::max<std::int64_t>(0, event.time.time_since_epoch().count()));
    std::copy(event.boot.begin(), event.boot.end(), line.boot);
    line.user = as_text(event.user);
    line.user_uid = event.user_uid;
    line.peer_uid = event.peer_uid;
    line.peer_pid = event.peer_pid;
    line.service = as_text(event.service);
    line.tty = as_text(event.tty);
    line.rhost = as_text(event.rhost);
    line.verdict = event.verdict;
    line.outcome = event.outcome;
    line.skipped = event.skipped;
  }
  co_return co_await client.send(wire::Type::log_entry, line);
}

asio::awaitable<bool> send_entries(Keeper& keeper, Connection& client, const Wanted& wanted) {
  std::uint64_t from = 0;
  for (;;) {
    const Result<AuditPage> page = keeper.store.audit(from, kPage);
    if (!page) co_return co_await client.send_failure(page.error());
    for (const AuditEntry& entry : page->entries)
      if (wants(wanted, entry) && !co_await send_entry(client, entry)) co_return false;
    if (!page->more) co_return co_await client.send(wire::Type::done, wire::Empty{});
    from = page->next;
    // Sending to a fast reader never waits: let others have their turn.
    co_await asio::post(keeper.io, asio::use_awaitable);
  }
}

}  // namespace

asio::awaitable<bool> handle_log(Keeper& keeper, Connection& client, Request request) {
  wire::LogBegin begin;
  Reader body = client.body();
  if (!wire::decode(body, begin)) co_return false;
  constexpr std::uint64_t kTimeMax = std::uint64_t{1} << 62;
  Wanted wanted{request.subject, as_string(begin.service), std::nullopt,
                UnixTime{std::chrono::seconds{static_cast<std::int64_t>(std::min(begin.since, kTimeMax))}},
                begin.failed};
  if (!client.peer().is_root()) wanted.uid = client.peer().uid;
  if (!co_await client.send(wire::Type::ack, wire::Ack{kLogWithinMs})) co_return false;
  const InUse only_one(keeper.ledger_readers, std::to_string(client.peer().uid));
  if (!only_one.held() && !client.peer().is_root())
    co_return co_await client.send_failure(Errc::busy, "you are being shown the ledger already");
  co_return co_await send_entries(keeper, client, wanted);
}

asio::awaitable<bool> handle_log_verify(Keeper& keeper, Connection& client, Request) {
  if (!client.body().complete()) co_return false;
  if (!co_await client.send(wire::Type::ack, wire::Ack{kLogWithinMs})) co_return false;
  AuditCheck check;
  while (!check.finished) {
    if (const Result<void> walked = keeper.store.check_audit(check, kPage); !walked)
      co_return co_await client.send_failure(walked.error());
    co_await asio::post(keeper.io, asio::use_awaitable);
  }
  wire::LogCheck result;
  result.intact = check.intact;
  result.broken_at = check.broken_at;
  result.first = check.first;
  result.next = check.next;
  result.entries = check.checked;
  std::copy(check.link.begin(), check.link.end(), result.head);
  co_return co_await client.send(wire::Type::log_check, result);
}

}  // namespace faceauth
