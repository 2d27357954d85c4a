#include <faced/store/keyring_v1.h>

#include <faced/crypto/aead.h>
#include <faced/crypto/mac.h>
#include <faced/store/keyring_file.h>

namespace faceauth {

using format::KeyId;
using format::Kind;
using format::Purpose;
using format::View;

namespace {

constexpr std::size_t kCheckAt = 6 + 2 + 8 + 16;
constexpr std::size_t kHeader = kCheckAt + kSealOverhead + 4;

Key derived(const Key& master, Purpose purpose) {
  return derive_key(master, static_cast<std::uint64_t>(purpose), format::kContext);
}

}  // namespace

KeyringV1::KeyringV1(const Key& master)
    : check_(derived(master, Purpose::check)),
      wrap_(derived(master, Purpose::wrap)),
      mac_(derived(master, Purpose::keyring_mac)),
      header_(derived(master, Purpose::header)) {}

bool KeyringV1::is_whole(View content) {
  if (content.size() < kHeader + sizeof(Mac)) return false;
  Reader count(content.data() + kHeader - 4, 4);
  return content.size() == kHeader + std::size_t{count.u32()} * format::kKeyringEntry + sizeof(Mac);
}

Result<KeyringV1> KeyringV1::unlock(const std::string& path, const Key& master, const Keyring::File& file) {
  KeyringV1 keyring(master);
  const View all(file.content), check = all.subspan(kCheckAt, kSealOverhead);
  if (!open_sealed_into(keyring.check_, check, format::associated_data(file.store, {.kind = Kind::keyring_check}), {}))
    return fail(Errc::wrong_key, path + " does not open with this master key");
  if (!mac_matches(keyring.mac_, all.first(all.size() - sizeof(Mac)), all.last(sizeof(Mac))))
    return keyring_file::damaged(path, "was altered");
  keyring.store_ = file.store;
  keyring.generation_ = file.generation;
  const std::size_t size = all.size() - kHeader - sizeof(Mac);
  Reader r(all.data() + kHeader, size);
  for (std::size_t i = 0; i < size / format::kKeyringEntry; ++i) {
    KeyId id{};
    r.raw(id.data(), id.size());
    format::WrappedKey& wrapped = keyring.entries_[id];
    r.raw(wrapped.data(), wrapped.size());
  }
  return keyring;
}

Result<Key> KeyringV1::unwrap(const KeyId& id, std::string_view user, std::uint32_t uid) const {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return fail(Errc::not_found, "the keyring holds no such key");
  const format::Blob place =
      format::associated_data(store_, {.kind = Kind::keyring_entry, .user = user, .uid = uid, .record = id});
  Key key;
  if (auto opened = open_sealed_into(wrap_, found->second, place, key.bytes()); !opened) return fail(std::move(opened));
  return key;
}

}  // namespace faceauth
