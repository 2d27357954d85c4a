#include <faced/crypto/password.h>
#include <faced/store/backup_format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace faceauth {

using format::View;

namespace {

constexpr std::size_t kItemMax = 3072;

Bytes bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

// Text of a store never holds a NUL; a reader that took one would let two names look alike.
std::string text(Reader& r, std::size_t max) {
  const Bytes blob = r.blob(max);
  std::string out(reinterpret_cast<const char*>(blob.data), blob.size);
  if (out.find('\0') != std::string::npos) r.invalidate();
  return out;
}

void write_time(Writer& w, UnixTime time) { w.u64(static_cast<std::uint64_t>(time.time_since_epoch().count())); }
UnixTime read_time(Reader& r) { return UnixTime{std::chrono::seconds{static_cast<std::int64_t>(r.u64())}}; }

// Items hold encodings and hashes: they are built in guarded memory.
template <class Fill>
SecretBytes item(backup::Item kind, Fill fill) {
  SecretBytes room(kItemMax);
  Writer w(room.bytes().data(), room.size());
  w.u8(static_cast<std::uint8_t>(kind));
  fill(w);
  return SecretBytes::copy_of(room.bytes().data(), w.size());
}

}  // namespace

namespace backup {

HeadBytes encode(const Head& head) {
  HeadBytes out{};
  Writer w(out.data(), out.size());
  w.raw(kMagic.data(), kMagic.size());
  w.u16(kVersion);
  w.u32(head.cost.passes);
  w.u32(head.cost.memory_kib);
  w.raw(head.salt.data(), head.salt.size());
  w.raw(head.stream.data(), head.stream.size());
  return out;
}

Result<Head> decode_head(View in) {
  Reader r(in.data(), in.size());
  std::array<std::uint8_t, kMagic.size()> magic{};
  r.raw(magic.data(), magic.size());
  const std::uint16_t version = r.u16();
  if (!r.good() || magic != kMagic || version == 0)
    return fail(Errc::invalid_argument, "this is no backup of faceauth's");
  if (version > kVersion) return fail(Errc::newer_schema, "the backup was written by a later version: use that one");
  Head head;
  head.cost.passes = r.u32();
  head.cost.memory_kib = r.u32();
  r.raw(head.salt.data(), head.salt.size());
  r.raw(head.stream.data(), head.stream.size());
  if (!r.complete() || !is_acceptable(head.cost)) return fail(Errc::invalid_argument, "the backup's head is damaged");
  return head;
}

SecretBytes encode_start(UnixTime now) {
  return item(Item::start, [&](Writer& w) { write_time(w, now); });
}

SecretBytes encode(const UserSummary& user, const PasswordHash* password) {
  return item(Item::user, [&](Writer& w) {
    w.blob(bytes(user.name), limits::kUserNameMax);
    w.u32(user.uid);
    write_time(w, user.created);
    const format::CountersBytes state = format::encode_counters(user.state);
    w.raw(state.data(), state.size());
    w.flag(password != nullptr);
    const PasswordHash none;
    const PasswordHash& hash = password != nullptr ? *password : none;
    w.raw(hash.bytes().data(), hash.bytes().size());
    w.u16(static_cast<std::uint16_t>(user.templates.size()));
  });
}

SecretBytes encode(const Template& entry) {
  return item(Item::one_template, [&](Writer& w) {
    w.raw(entry.info.id.data(), entry.info.id.size());
    write_time(w, entry.info.created);
    w.blob(bytes(entry.info.label), limits::kLabelMax);
    w.blob(bytes(entry.info.source), format::kSourceMax);
    w.blob(bytes(entry.info.dlib_model), format::kModelMax);
    w.blob(bytes(entry.info.feature_model), format::kModelMax);
    w.raw(entry.encodings.bytes().data(), entry.encodings.bytes().size());
  });
}

SecretBytes encode_end(const Totals& totals) {
  return item(Item::end, [&](Writer& w) {
    w.u64(totals.users);
    w.u64(totals.templates);
  });
}

}  // namespace backup

bool BackupParser::take_user(Reader& r) {
  BackupUser user;
  user.name = text(r, limits::kUserNameMax);
  user.uid = r.u32();
  user.created = read_time(r);
  format::CountersBytes plain{};
  r.raw(plain.data(), plain.size());
  const auto state = format::decode_counters(plain);
  const bool has_password = r.flag();
  PasswordHash hash;
  r.raw(hash.bytes().data(), hash.bytes().size());
  missing_ = r.u16();
  if (!r.complete() || !state || !format::is_user_name(user.name) || user.name <= before_ ||
      missing_ > limits::kTemplatesPerUser || (has_password && !password_hash_is_bearable(hash)) ||
      seen_.users >= limits::kUsersMax)
    return false;
  user.state = *state;
  if (has_password) user.password = std::move(hash);
  before_ = user.name;
  user_ = std::move(user);
  ++seen_.users;
  return true;
}

bool BackupParser::take_template(Reader& r) {
  Template entry;
  r.raw(entry.info.id.data(), entry.info.id.size());
  entry.info.created = read_time(r);
  entry.info.label = text(r, limits::kLabelMax);
  entry.info.source = text(r, format::kSourceMax);
  entry.info.dlib_model = text(r, format::kModelMax);
  entry.info.feature_model = text(r, format::kModelMax);
  r.raw(entry.encodings.bytes().data(), entry.encodings.bytes().size());
  const bool repeated = std::any_of(user_->templates.begin(), user_->templates.end(),
                                    [&](const Template& t) { return t.info.id == entry.info.id; });
  if (!r.complete() || missing_ == 0 || repeated) return false;
  --missing_;
  user_->templates.push_back(std::move(entry));
  ++seen_.templates;
  return true;
}

bool BackupParser::take_end(Reader& r) {
  const backup::Totals said{.users = r.u64(), .templates = r.u64()};
  ended_ = r.complete() && said == seen_;
  return ended_;
}

Result<std::optional<BackupUser>> BackupParser::take(View in, bool last) {
  Reader r(in.data(), in.size());
  const auto kind = static_cast<backup::Item>(r.u8());
  bool right = r.good() && !ended_ && last == (kind == backup::Item::end);
  switch (kind) {
    case backup::Item::start:
      right = right && !started_;
      static_cast<void>(read_time(r));
      right = right && r.complete();
      started_ = true;
      break;
    case backup::Item::user:
      right = right && started_ && !user_ && take_user(r);
      break;
    case backup::Item::one_template:
      right = right && user_ && take_template(r);
      break;
    case backup::Item::end:
      right = right && started_ && !user_ && take_end(r);
      break;
    default:
      right = false;
  }
  if (!right) return fail(Errc::corrupt, "the backup is damaged: its parts do not follow one another");
  if (!user_ || missing_ > 0) return std::optional<BackupUser>{};
  return std::exchange(user_, std::nullopt);
}

}  // namespace faceauth
