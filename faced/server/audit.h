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
void record_event(Keeper& keeper, AuditEvent event, bool judged);
void record_verdict(Keeper& keeper, const Connection& client, const Request& request, AuditKind kind, Verdict verdict,
                    bool judged);

// The daemon's own entry when a failure made the user wait, or switched his face off; nothing when it did neither.
[[nodiscard]] std::optional<AuditEvent> lockout_event(const Keeper& keeper, const std::string& user, std::uint32_t uid,
                                                      const UserState& before, const UserState& after);

// change_state for what an attempt costs or clears: a wait or a switch-off that follows is recorded with it.
template <class Change>
Result<void> count_attempt(Keeper& keeper, const std::string& user, Change change) {
  Result<UserSummary> fresh = keeper.store.user(user);
  if (!fresh) return fail(std::move(fresh));
  UserState state = fresh->state;
  change(state);
  if (state == fresh->state) return {};
  const std::optional<AuditEvent> lockout = lockout_event(keeper, user, fresh->uid, fresh->state, state);
  return keeper.store.set_state(user, state, lockout ? &*lockout : nullptr);
}

}  // namespace faceauth
