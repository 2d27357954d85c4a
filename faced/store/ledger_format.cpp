#include <faced/store/ledger_format.h>

namespace faceauth::format {

namespace {

Bytes cut(std::string_view text, std::size_t max) {
  text = text.substr(0, max);
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
std::string text(Bytes blob) { return {reinterpret_cast<const char*>(blob.data), blob.size}; }

}  // namespace

Blob encode(const AuditEvent& event) {
  Blob out(kAuditMax);
  Writer w(out.data(), out.size());
  w.u8(static_cast<std::uint8_t>(event.kind));
  w.u8(static_cast<std::uint8_t>(event.verdict));
  w.u8(static_cast<std::uint8_t>(event.outcome));
  w.u64(static_cast<std::uint64_t>(event.time.time_since_epoch().count()));
  w.raw(event.boot.data(), event.boot.size());
  w.blob(cut(event.user, limits::kUserNameMax), limits::kUserNameMax);
  w.u32(event.user_uid);
  w.u32(event.peer_uid);
  w.u32(event.peer_pid);
  w.blob(cut(event.service, limits::kServiceMax), limits::kServiceMax);
  w.blob(cut(event.tty, limits::kTtyMax), limits::kTtyMax);
  w.blob(cut(event.rhost, limits::kHostMax), limits::kHostMax);
  w.u32(event.skipped);
  out.resize(w.size());
  return out;
}

std::optional<AuditEvent> decode_audit(View in) {
  Reader r(in.data(), in.size());
  AuditEvent event;
  const std::uint8_t kind = r.upto(kAuditKindLast);
  if (kind < kAuditKindFirst) r.invalidate();
  event.kind = static_cast<AuditKind>(kind);
  event.verdict = static_cast<Verdict>(r.upto(kVerdictLast));
  event.outcome = static_cast<Errc>(r.upto(kErrcLast));
  event.time = UnixTime{std::chrono::seconds{static_cast<std::int64_t>(r.u64())}};
  r.raw(event.boot.data(), event.boot.size());
  event.user = text(r.blob(limits::kUserNameMax));
  event.user_uid = r.u32();
  event.peer_uid = r.u32();
  event.peer_pid = r.u32();
  event.service = text(r.blob(limits::kServiceMax));
  event.tty = text(r.blob(limits::kTtyMax));
  event.rhost = text(r.blob(limits::kHostMax));
  event.skipped = r.u32();
  return r.complete() ? std::optional(std::move(event)) : std::nullopt;
}

LedgerHeadBytes encode(const LedgerHead& head) {
  LedgerHeadBytes out{};
  Writer w(out.data(), out.size());
  w.u8(kRecord);
  w.u64(head.first);
  w.u64(head.next);
  w.raw(head.base.data(), head.base.size());
  w.raw(head.last.data(), head.last.size());
  w.u64(head.breaks);
  w.u64(head.broken_at);
  return out;
}

std::optional<LedgerHead> decode_head(View in) {
  Reader r(in.data(), in.size());
  LedgerHead head;
  if (r.u8() != kRecord) r.invalidate();
  head.first = r.u64();
  head.next = r.u64();
  r.raw(head.base.data(), head.base.size());
  r.raw(head.last.data(), head.last.size());
  head.breaks = r.u64();
  head.broken_at = r.u64();
  return r.complete() && head.first <= head.next ? std::optional(head) : std::nullopt;
}

LedgerKey ledger_key(std::uint64_t number) {
  LedgerKey key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(number >> (8 * (7 - i)));
  return key;
}

std::optional<std::uint64_t> ledger_number(View key) {
  if (key.size() != sizeof(LedgerKey)) return std::nullopt;
  std::uint64_t number = 0;
  for (const std::uint8_t byte : key) number = number << 8 | byte;
  return number;
}

}  // namespace faceauth::format
