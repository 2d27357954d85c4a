// Telling others of a change that was stored: the journal, and the administrator's program.
#pragma once

#include <faced/server/keeper.h>
#include <faced/store/audit.h>

namespace faceauth {

// Of every such entry in the journal, as its MESSAGE_ID; fixed for ever (faced(8)).
inline constexpr char kChangeMessageId[] = "32f3b7977e4043b49abb3e3ea3087dcc";

// For enroll, adapt, remove, passwd, disable, enable and restore. Never waits and never fails: what was stored stands.
void announce(Keeper& keeper, const AuditEvent& event);
// The journal alone: for each of the many users of one event, which the program hears of once.
void tell_journal(const AuditEvent& event);

}  // namespace faceauth
