#include <faced/server/audit.h>

#include <faced/util/log.h>

#include <fmt/format.h>

#include <chrono>

namespace faceauth {

AuditEvent audit_event(const Keeper& keeper, const Connection& client, const Request& request, AuditKind kind) {
  AuditEvent event;
  event.kind = kind;
  event.time = keeper.clock.unix_time();
  event.boot = keeper.boot;
  event.user = request.subject;
  if (request.subject_uid) event.user_uid = *request.subject_uid;
  event.peer_uid = client.peer().uid;
  event.peer_pid = static_cast<std::uint32_t>(client.peer().pid);
  return event;
}

bool within_quota(Keeper& keeper, const Peer& peer, LedgerQuota::Of of, AuditEvent& event) {
  const auto skipped = keeper.ledger_quota.admit(of, peer.charged, keeper.clock.steady());
  if (skipped) event.skipped = *skipped;
  if (const std::uint32_t of_others = keeper.ledger_quota.take_forgotten(); of_others > 0)
    log::warning(fmt::format("{} entries that many uids caused were too many for the ledger", of_others));
  return skipped.has_value();
}

Result<void> store_state_above_all(Keeper& keeper, const std::string& user, const UserState& state,
                                   const AuditEvent* event) {
  Result<void> stored = keeper.store.set_state(user, state, event);
  if (stored || event == nullptr) return stored;
  log::error(fmt::format("the ledger gets no entry of a {}: {}", audit_kind_name(event->kind), stored.error().message),
             {{"FACEAUTH_USER", user}});
  return keeper.store.set_state(user, state);
}

void record_event(Keeper& keeper, const Peer& peer, AuditEvent event, bool judged) {
  const LedgerQuota::Of of = judged ? LedgerQuota::Of::own : LedgerQuota::Of::unjudged;
  if (!(peer.is_root() && judged) && !within_quota(keeper, peer, of, event)) return;
  if (const Result<void> recorded = keeper.store.record(event); !recorded)
    log::error(
        fmt::format("the ledger has no entry of a {}: {}", audit_kind_name(event.kind), recorded.error().message),
        {{"FACEAUTH_USER", event.user}});
}

void record_verdict(Keeper& keeper, const Connection& client, const Request& request, AuditKind kind, Verdict verdict,
                    bool judged) {
  AuditEvent event = audit_event(keeper, client, request, kind);
  event.verdict = verdict;
  record_event(keeper, client.peer(), std::move(event), judged);
}

void record_refusal(Keeper& keeper, const Connection& client, const Request& request) {
  AuditEvent event = audit_event(keeper, client, request, AuditKind::refused);
  event.outcome = Errc::not_permitted;
  record_event(keeper, client.peer(), std::move(event), false);
}

std::optional<AuditEvent> lockout_event(const Keeper& keeper, const std::string& user, std::uint32_t uid,
                                        const UserState& before, const UserState& after) {
  const bool face =
      after.face_locked_until > before.face_locked_until || (after.face_disabled && !before.face_disabled);
  const bool password = after.password_locked_until > before.password_locked_until;
  if (!face && !password) return std::nullopt;
  AuditEvent event;
  event.kind = AuditKind::lockout;
  event.outcome = Errc::locked_out;
  event.time = keeper.clock.unix_time();
  event.boot = keeper.boot;
  event.user = user;
  event.user_uid = uid;
  return event;
}

}  // namespace faceauth
