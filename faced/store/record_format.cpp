#include <faced/store/record_format.h>

#include <algorithm>
#include <bit>
#include <limits>
#include <string_view>

namespace faceauth::format {

namespace {

// Encodings are sealed as they lie in memory; everything else goes through Writer. A machine that keeps them otherwise
// must not write what it would call the same format.
static_assert(std::endian::native == std::endian::little && std::numeric_limits<float>::is_iec559);

constexpr std::size_t kAssociatedMax =
    1 + 1 + sizeof(StoreId) + 4 + (2 + limits::kUserNameMax) + (2 + 64) + 2 * (2 + kModelMax);
constexpr std::size_t kTemplateMax =
    1 + 2 * (2 + kModelMax) + (2 + kDetailMax + kSealOverhead) + (2 + kEncodingsSize + kSealOverhead);

Bytes bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }
Bytes bytes(View view) { return {view.data(), view.size()}; }
std::string_view text(Bytes blob) { return {reinterpret_cast<const char*>(blob.data), blob.size}; }
View view(Bytes blob) { return {blob.data, blob.size}; }

void write_time(Writer& w, UnixTime time) { w.u64(static_cast<std::uint64_t>(time.time_since_epoch().count())); }
UnixTime read_time(Reader& r) { return UnixTime{std::chrono::seconds{static_cast<std::int64_t>(r.u64())}}; }

void write_counters(Writer& w, const UserState& state) {
  w.u32(state.face_failures);
  write_time(w, state.face_locked_until);
  w.flag(state.face_disabled);
  w.flag(state.switched_off);
  w.u32(state.password_failures);
  write_time(w, state.password_locked_until);
  w.flag(state.password_stale);
  write_time(w, state.strong_auth_at);
  w.raw(state.strong_auth_boot.data(), state.strong_auth_boot.size());
}

UserState read_counters(Reader& r) {
  UserState state;
  state.face_failures = r.u32();
  state.face_locked_until = read_time(r);
  state.face_disabled = r.flag();
  state.switched_off = r.flag();
  state.password_failures = r.u32();
  state.password_locked_until = read_time(r);
  state.password_stale = r.flag();
  state.strong_auth_at = read_time(r);
  r.raw(state.strong_auth_boot.data(), state.strong_auth_boot.size());
  return state;
}

}  // namespace

// The bounds are those of the callers' checks; the writer cannot run over, it would only yield nothing.
Blob associated_data(const StoreId& store, const Place& place) {
  Blob out(kAssociatedMax);
  Writer w(out.data(), out.size());
  w.u8(place.format);
  w.u8(static_cast<std::uint8_t>(place.kind));
  w.raw(store.data(), store.size());
  w.u32(place.uid);
  w.blob(bytes(place.user), limits::kUserNameMax);
  w.blob(bytes(place.record), 64);
  w.blob(bytes(place.dlib_model), kModelMax);
  w.blob(bytes(place.feature_model), kModelMax);
  out.resize(w.size());
  return out;
}

Blob check_data(const StoreId& store, std::uint64_t generation) {
  std::array<std::uint8_t, 8> number{};
  Writer(number.data(), number.size()).u64(generation);
  return associated_data(store, {.kind = Kind::meta_check, .record = number});
}

HeaderBytes encode(const UserHeader& header) {
  HeaderBytes out{};
  Writer w(out.data(), out.size());
  w.u8(kRecord);
  w.u32(header.uid);
  write_time(w, header.created);
  w.raw(header.key.data(), header.key.size());
  return out;
}

std::optional<UserHeader> decode_header(View in) {
  Reader r(in.data(), in.size());
  UserHeader header;
  if (r.u8() != kRecord) r.invalidate();
  header.uid = r.u32();
  header.created = read_time(r);
  r.raw(header.key.data(), header.key.size());
  return r.complete() ? std::optional(header) : std::nullopt;
}

BodyBytes encode(const UserBody& body) {
  BodyBytes out{};
  Writer w(out.data(), out.size());
  w.flag(body.has_password);
  w.u16(body.templates);
  w.u32(body.next_sequence);
  return out;
}

std::optional<UserBody> decode_body(View in) {
  Reader r(in.data(), in.size());
  UserBody body;
  body.has_password = r.flag();
  body.templates = r.u16();
  body.next_sequence = r.u32();
  return r.complete() ? std::optional(body) : std::nullopt;
}

CountersBytes encode_counters(const UserState& state) {
  CountersBytes out{};
  Writer w(out.data(), out.size());
  write_counters(w, state);
  return out;
}

StateBytes encode(const UserState& state) {
  StateBytes out{};
  Writer w(out.data(), out.size());
  write_counters(w, state);
  w.u8(static_cast<std::uint8_t>(state.untold.change));
  write_time(w, state.untold.at);
  w.u32(state.untold.by_uid);
  w.u16(state.untold.more);
  return out;
}

std::optional<UserState> decode_counters(View in) {
  Reader r(in.data(), in.size());
  const UserState state = read_counters(r);
  return r.complete() ? std::optional(state) : std::nullopt;
}

std::optional<UserState> decode_state(View in) {
  Reader r(in.data(), in.size());
  UserState state = read_counters(r);
  state.untold.change = static_cast<Change>(r.upto(kChangeLast));
  state.untold.at = read_time(r);
  state.untold.by_uid = r.u32();
  state.untold.more = r.u16();
  return r.complete() ? std::optional(state) : std::nullopt;
}

Blob encode(const TemplateDetail& detail) {
  Blob out(kDetailMax);
  Writer w(out.data(), out.size());
  w.u32(detail.sequence);
  write_time(w, detail.created);
  w.blob(bytes(detail.label), limits::kLabelMax);
  w.blob(bytes(detail.source), kSourceMax);
  out.resize(w.size());
  return out;
}

std::optional<TemplateDetail> decode_detail(View in) {
  Reader r(in.data(), in.size());
  TemplateDetail detail;
  detail.sequence = r.u32();
  detail.created = read_time(r);
  detail.label = text(r.blob(limits::kLabelMax));
  detail.source = text(r.blob(kSourceMax));
  return r.complete() ? std::optional(std::move(detail)) : std::nullopt;
}

Blob encode(const TemplateRecord& record) {
  Blob out(kTemplateMax);
  Writer w(out.data(), out.size());
  w.u8(kRecord);
  w.blob(bytes(record.dlib_model), kModelMax);
  w.blob(bytes(record.feature_model), kModelMax);
  w.blob(bytes(record.detail), kDetailMax + kSealOverhead);
  w.blob(bytes(record.encodings), kEncodingsSize + kSealOverhead);
  out.resize(w.size());
  return out;
}

std::optional<TemplateRecord> decode_template(View in) {
  Reader r(in.data(), in.size());
  TemplateRecord record;
  if (r.u8() != kRecord) r.invalidate();
  record.dlib_model = text(r.blob(kModelMax));
  record.feature_model = text(r.blob(kModelMax));
  record.detail = view(r.blob(kDetailMax + kSealOverhead));
  record.encodings = view(r.blob(kEncodingsSize + kSealOverhead));
  return r.complete() ? std::optional(record) : std::nullopt;
}

std::string template_prefix(std::string_view user) { return std::string(user) + '\0'; }

std::string template_key(std::string_view user, const TemplateId& id) {
  return template_prefix(user).append(reinterpret_cast<const char*>(id.data()), id.size());
}

bool is_user_name(std::string_view name) noexcept {
  return !name.empty() && name.size() <= limits::kUserNameMax &&
         std::ranges::none_of(name, [](char c) { return c == '\0' || c == '/'; });
}

std::string printable(std::string_view name) {
  std::string out(name.substr(0, 64));
  std::ranges::replace_if(
      out, [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

}  // namespace faceauth::format
