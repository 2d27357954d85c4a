// What the ledger is told. Changes carry their event into their own transaction (store.h) and fail with it; verdicts
// change nothing that could be undone, so they stand also when they cannot be recorded.
#pragma once

#include <faced/server/handlers.h>
#include <faced/store/audit.h>

#include <faceauth/audit.h>
#include <faceauth/verdict.h>

#include <optional>
#include <string>

namespace faceauth {

// Who asks about whom, now.
[[nodiscard]] AuditEvent audit_event(const Keeper& keeper, const Connection& client, const Request& request,
                                     AuditKind kind);

// Records a verdict or a refusal; a failure is logged. Bounded by the peer's quota, save what root's programs had
// judged. `judged`: a face or a password was compared.
void record_event(Keeper& keeper, const Peer& peer, AuditEvent event, bool judged);
void record_verdict(Keeper& keeper, const Connection& client, const Request& request, AuditKind kind, Verdict verdict,
                    bool judged);

// That the peer asked for what he may not.
void record_refusal(Keeper& keeper, const Connection& client, const Request& request);

// The daemon's own entry when a failure made the user wait, or switched his face off; nothing when it did neither.
[[nodiscard]] std::optional<AuditEvent> lockout_event(const Keeper& keeper, const std::string& user, std::uint32_t uid,
                                                      const UserState& before, const UserState& after);

// Counts an entry that the peer causes against its quota. False: it is not to be recorded.
[[nodiscard]] bool within_quota(Keeper& keeper, const Peer& peer, LedgerQuota::Of of, AuditEvent& event);

// A wait, a switch-off and the counters behind them must not hang on the ledger: where the entry cannot be stored (a
// full disk, a damaged head), they are stored without it, and the log says so.
Result<void> store_state_above_all(Keeper& keeper, const std::string& user, const UserState& state,
                                   const AuditEvent* event);

// change_state for what an attempt costs or clears: a wait or a switch-off that follows is recorded with it.
template <class Change>
Result<void> count_attempt(Keeper& keeper, const std::string& user, Change change) {
  Result<UserSummary> fresh = keeper.store.user(user);
  if (!fresh) return fail(std::move(fresh));
  UserState state = fresh->state;
  change(state);
  if (state == fresh->state) return {};
  const std::optional<AuditEvent> lockout = lockout_event(keeper, user, fresh->uid, fresh->state, state);
  return store_state_above_all(keeper, user, state, lockout ? &*lockout : nullptr);
}

}  // namespace faceauth
