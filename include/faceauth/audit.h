// What the ledger records. Values travel on the wire and lie in the store: append, never renumber.
#pragma once

#include <cstdint>

namespace faceauth {

enum class AuditKind : std::uint8_t {
  login = 1,     // a PAM module asked; the verdict says what it was told
  verify = 2,    // `enroll-tool verify`
  identify = 3,  // `enroll-tool identify`; the user is who was recognised
  proof = 4,     // a password was held against the stored one, for a later request of the same connection
  report = 5,    // another PAM module's word that a password was accepted
  lockout = 6,   // this failure made the user wait, or switched his face off
  enroll = 7,    // templates were added
  remove = 8,    // the user, or templates of one label; not_found: the daemon found keys without records at its start
  passwd = 9,    // a stored password was set
  unlock = 10,   // the counters of failures were cleared
  disable = 11,  // faces off, for a user or (no user) for everybody
  enable = 12,   // faces on again
  rekey = 13,    // the master key was changed, or a change begun
  backup = 14,   // everything was read for a backup
  restore = 15,  // users came from a backup
  refused = 16,  // somebody asked for what he may not
  broken = 17,   // the entries before this one were found cut or changed
  adapt = 18,    // a login's face joined its user's templates
  import = 19,   // an encoding of another program was kept, to be completed by an enrolment
};
inline constexpr std::uint8_t kAuditKindFirst = 1, kAuditKindLast = 19;

// The name people see in JSON; never null.
constexpr const char* audit_kind_name(AuditKind kind) noexcept {
  constexpr const char* kNames[] = {"login",   "verify",  "identify", "proof",   "report", "lockout", "enroll",
                                    "remove",  "passwd",  "unlock",   "disable", "enable", "rekey",   "backup",
                                    "restore", "refused", "broken",   "adapt",   "import"};
  const auto value = static_cast<std::uint8_t>(kind);
  return value >= kAuditKindFirst && value <= kAuditKindLast ? kNames[value - kAuditKindFirst] : "unknown";
}

// Whether such an entry's outcome is a verdict; else it is done or an error.
constexpr bool has_verdict(AuditKind kind) noexcept { return kind >= AuditKind::login && kind <= AuditKind::report; }

}  // namespace faceauth
