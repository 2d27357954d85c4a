// Entries of the ledger, as values.
#pragma once

#include <faced/util/clock.h>

#include <faceauth/audit.h>
#include <faceauth/errc.h>
#include <faceauth/verdict.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace faceauth {

// Who asked for what, from where, and how it ended. Never a score, never a secret.
struct AuditEvent {
  AuditKind kind = AuditKind::refused;
  Verdict verdict = Verdict::error;  // where has_verdict(kind)
  Errc outcome = Errc::ok;           // elsewhere
  UnixTime time{};
  std::array<std::uint8_t, 16> boot{};
  std::string user;              // whose face or password; empty: nobody's or everybody's
  std::uint32_t user_uid = ~0U;  // as the name service had it; ~0: unknown
  std::uint32_t peer_uid = ~0U;  // from SO_PEERCRED; ~0: the daemon itself
  std::uint32_t peer_pid = 0;
  std::string service, tty, rhost;  // as the client claims; cut to limits.h
  std::uint32_t skipped = 0;        // like events of this peer that were too many to be recorded, since his last entry
  friend bool operator==(const AuditEvent&, const AuditEvent&) = default;
};

struct AuditEntry {
  std::uint64_t number = 0;
  bool readable = false;  // false: the record is damaged, `event` is empty
  AuditEvent event;
};

struct AuditPage {
  std::vector<AuditEntry> entries;
  std::uint64_t next = 0;  // where to go on
  bool more = false;
};

// A walk along the chain, some entries at a time. Begin with an empty one and hand it on until `finished`.
struct AuditCheck {
  bool finished = false;
  bool intact = true;           // so far; final when finished
  std::uint64_t broken_at = 0;  // the first entry that is missing or does not fit, when not intact
  std::uint64_t first = 0, next = 0, checked = 0;
  std::array<std::uint8_t, 32> link{};  // of the last entry looked at; when finished, what stands for the whole chain
};

}  // namespace faceauth
