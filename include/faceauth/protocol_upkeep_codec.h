// The codec of what keeps the store in order: log, rekey, backup, restore. Include protocol.h, not this.
#pragma once

namespace faceauth::wire {

inline void encode(Writer& w, const LogBegin& m) noexcept {
  detail::put(w, m.user, limits::kUserNameMax);
  detail::put(w, m.service, limits::kServiceMax);
  w.u64(m.since);
  w.flag(m.failed);
}
inline bool decode(Reader& r, LogBegin& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  m.service = detail::get(r, limits::kServiceMax);
  m.since = r.u64();
  m.failed = r.flag();
  return r.complete();
}
inline void encode(Writer& w, const Rekey& m) noexcept {
  w.flag(m.has_key);
  w.flag(m.settle);
  w.raw(m.key, sizeof m.key);
}
inline bool decode(Reader& r, Rekey& m) noexcept {
  m.has_key = r.flag();
  m.settle = r.flag();
  r.raw(m.key, sizeof m.key);
  return r.complete();
}
inline void encode(Writer& w, const Rekeyed& m) noexcept {
  detail::put_enum(w, m.outcome);
  detail::put(w, m.credential, limits::kLabelMax);
}
inline bool decode(Reader& r, Rekeyed& m) noexcept {
  m.outcome = detail::get_enum<RekeyOutcome>(r, kRekeyOutcomeLast);
  m.credential = detail::get(r, limits::kLabelMax);
  return r.complete();
}
inline void encode(Writer& w, const BackupBegin& m) noexcept { detail::put(w, m.passphrase, limits::kPasswordMax); }
inline bool decode(Reader& r, BackupBegin& m) noexcept {
  m.passphrase = detail::get(r, limits::kPasswordMax);
  return r.complete();
}
inline void encode(Writer& w, const BackupChunk& m) noexcept { w.blob(m.data, limits::kBackupChunkMax); }
inline bool decode(Reader& r, BackupChunk& m) noexcept {
  m.data = r.blob(limits::kBackupChunkMax);
  return r.complete();
}
inline void encode(Writer& w, const RestoreBegin& m) noexcept {
  w.u8(m.mode);
  w.flag(m.skip_unknown);
  w.flag(m.adopt_uids);
  w.blob(m.head, limits::kLabelMax);
  detail::put(w, m.passphrase, limits::kPasswordMax);
}
inline bool decode(Reader& r, RestoreBegin& m) noexcept {
  m.mode = r.upto(kRestoreModeLast);
  m.skip_unknown = r.flag();
  m.adopt_uids = r.flag();
  m.head = r.blob(limits::kLabelMax);
  m.passphrase = detail::get(r, limits::kPasswordMax);
  return r.complete();
}
inline void encode(Writer& w, const ImportTemplate& m) noexcept {
  detail::put(w, m.user, limits::kUserNameMax);
  detail::put(w, m.label, limits::kLabelMax);
  w.u64(m.created);
  for (const float value : m.dlib) w.f32(value);
}
inline bool decode(Reader& r, ImportTemplate& m) noexcept {
  m.user = detail::get(r, limits::kUserNameMax);
  m.label = detail::get(r, limits::kLabelMax);
  m.created = r.u64();
  for (float& value : m.dlib) value = r.f32();
  return r.complete();
}
inline void encode(Writer& w, const RestoreChunk& m) noexcept {
  w.flag(m.last);
  w.blob(m.data, limits::kBackupChunkMax);
}
inline bool decode(Reader& r, RestoreChunk& m) noexcept {
  m.last = r.flag();
  m.data = r.blob(limits::kBackupChunkMax);
  return r.complete();
}
inline void encode(Writer& w, const RestoreResult& m) noexcept {
  w.u64(m.users);
  w.u64(m.templates);
  w.u64(m.kept);
  w.u64(m.left_out);
}
inline bool decode(Reader& r, RestoreResult& m) noexcept {
  m.users = r.u64();
  m.templates = r.u64();
  m.kept = r.u64();
  m.left_out = r.u64();
  return r.complete();
}
inline void encode(Writer& w, const LogEntry& m) noexcept {
  w.u64(m.number);
  w.flag(m.readable);
  detail::put_enum(w, m.kind);
  w.u64(m.time);
  w.raw(m.boot, sizeof m.boot);
  detail::put(w, m.user, limits::kUserNameMax);
  w.u32(m.user_uid);
  w.u32(m.peer_uid);
  w.u32(m.peer_pid);
  detail::put(w, m.service, limits::kServiceMax);
  detail::put(w, m.tty, limits::kTtyMax);
  detail::put(w, m.rhost, limits::kHostMax);
  detail::put_enum(w, m.verdict);
  detail::put_enum(w, m.outcome);
  w.u32(m.skipped);
}
inline bool decode(Reader& r, LogEntry& m) noexcept {
  m.number = r.u64();
  m.readable = r.flag();
  m.kind = detail::get_enum<AuditKind>(r, kAuditKindLast);
  if (m.kind < AuditKind{kAuditKindFirst}) r.invalidate();
  m.time = r.u64();
  r.raw(m.boot, sizeof m.boot);
  m.user = detail::get(r, limits::kUserNameMax);
  m.user_uid = r.u32();
  m.peer_uid = r.u32();
  m.peer_pid = r.u32();
  m.service = detail::get(r, limits::kServiceMax);
  m.tty = detail::get(r, limits::kTtyMax);
  m.rhost = detail::get(r, limits::kHostMax);
  m.verdict = detail::get_enum<Verdict>(r, kVerdictLast);
  m.outcome = detail::get_enum<Errc>(r, kErrcLast);
  m.skipped = r.u32();
  return r.complete();
}
inline void encode(Writer& w, const LogCheck& m) noexcept {
  w.flag(m.intact);
  w.u64(m.broken_at);
  w.u64(m.first);
  w.u64(m.next);
  w.u64(m.entries);
  w.raw(m.head, sizeof m.head);
}
inline bool decode(Reader& r, LogCheck& m) noexcept {
  m.intact = r.flag();
  m.broken_at = r.u64();
  m.first = r.u64();
  m.next = r.u64();
  m.entries = r.u64();
  r.raw(m.head, sizeof m.head);
  return r.complete();
}

}  // namespace faceauth::wire
