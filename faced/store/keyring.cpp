#include <faced/store/keyring.h>

#include <faced/crypto/aead.h>
#include <faced/crypto/mac.h>
#include <faced/store/keyring_file.h>

#include <faceauth/limits.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <type_traits>

namespace faceauth {

using format::Blob;
using format::KeyId;
using format::Kind;
using format::Purpose;
using format::StoreId;
using format::View;
using format::WrappedKey;
using keyring_file::damaged;
using keyring_file::failure;

namespace {

Blob slot_data(const StoreId& store, const KeyId& id) {
  return format::associated_data(store, {.kind = Kind::keyring_slot, .record = id});
}
Blob entry_data(const StoreId& store, const KeyId& id) {
  return format::associated_data(store, {.kind = Kind::keyring_entry, .record = id});
}
Blob store_key_data(const StoreId& store) { return format::associated_data(store, {.kind = Kind::store_key}); }

WrappedKey sealed_key(const Key& by, const Key& key, const Blob& associated) {
  WrappedKey out{};
  std::ranges::copy(seal(by, key.bytes(), associated), out.begin());
  return out;
}

Key derived(const Key& from, Purpose purpose) {
  return derive_key(from, static_cast<std::uint64_t>(purpose), format::kContext);
}

// As their bytes lie in the file.
template <class Entries>
View bytes_of(const Entries& entries) {
  using Entry = typename Entries::value_type;
  static_assert(std::has_unique_object_representations_v<Entry> && sizeof(Entry) == format::kKeyringEntry);
  return {reinterpret_cast<const std::uint8_t*>(entries.data()), entries.size() * sizeof(Entry)};
}

}  // namespace

Keyring::Ring::Ring(Key ring)
    : key(std::move(ring)), wrap(derived(key, Purpose::wrap)), mac(derived(key, Purpose::keyring_mac)) {}

Result<std::optional<Keyring::File>> Keyring::read(int directory, const char* name, const std::string& path) {
  return keyring_file::read(directory, name, path);
}

std::optional<Key> Keyring::open_slot(const StoreId& store, const Slot& slot, const Key& master) {
  Key ring;
  const Key by = derived(master, Purpose::slot);
  if (!open_sealed_into(by, slot.sealed, slot_data(store, slot.id), ring.bytes())) return std::nullopt;
  return ring;
}

Keyring::Slot Keyring::slot_for(const Ring& ring, const Key& master) const {
  Slot slot;
  random_bytes(slot.id);
  slot.sealed = sealed_key(derived(master, Purpose::slot), ring.key, slot_data(store_, slot.id));
  return slot;
}

WrappedKey Keyring::wrap(const Ring& ring, const KeyId& id, const Key& key) const {
  return sealed_key(ring.wrap, key, entry_data(store_, id));
}

Result<Keyring> Keyring::unlock(int directory, const std::string& path, const Key& master, const File& file) {
  const std::size_t count = file.content[format::kKeyringFront - 1];
  Reader r(file.content.data() + format::kKeyringFront, count * format::kKeyringSlot);
  std::vector<Slot> slots(count);
  for (Slot& slot : slots) {
    r.raw(slot.id.data(), slot.id.size());
    r.raw(slot.sealed.data(), slot.sealed.size());
  }
  // The newest first: its key is the one that settles a change.
  for (std::size_t i = count; i-- > 0;) {
    auto ring = open_slot(file.store, slots[i], master);
    if (!ring) continue;
    auto keyring = parse(directory, path, Ring(std::move(*ring)), std::move(slots), file);
    if (keyring) keyring->unlocked_ = i;
    return keyring;
  }
  return fail(Errc::wrong_key, path + " does not open with this master key");
}

Result<Keyring> Keyring::parse(int directory, const std::string& path, Ring ring, std::vector<Slot> slots,
                               const File& file) {
  const View all(file.content), proved = all.first(all.size() - 2 * sizeof(Mac));
  if (!mac_matches(ring.mac, proved, all.subspan(proved.size(), sizeof(Mac)))) return damaged(path, "was altered");
  Keyring keyring(directory, path, std::move(ring));
  keyring.store_ = file.store;
  keyring.generation_ = file.generation;
  keyring.slots_ = std::move(slots);
  Reader front(all.data() + 6 + 2 + 8, 16);
  keyring.floor_.generation = front.u64();
  keyring.floor_.ledger = front.u64();

  const std::size_t at = format::kKeyringFront + keyring.slots_.size() * format::kKeyringSlot;
  if (!open_sealed_into(keyring.ring_.wrap, all.subspan(at, sizeof(WrappedKey)), store_key_data(file.store),
                        keyring.store_key_.bytes()))
    return damaged(path, "was altered");
  Reader r(all.data() + at + sizeof(WrappedKey), proved.size() - at - sizeof(WrappedKey));
  keyring.entries_.resize(r.u32());
  for (Entry& entry : keyring.entries_) {
    r.raw(entry.id.data(), entry.id.size());
    r.raw(entry.wrapped.data(), entry.wrapped.size());
  }
  if (!r.complete()) return damaged(path, "was altered");
  // Earlier versions wrote them in no order.
  if (!std::ranges::is_sorted(keyring.entries_, {}, &Entry::id)) std::ranges::sort(keyring.entries_, {}, &Entry::id);
  return keyring;
}

Result<Keyring> Keyring::create(int directory, const std::string& path, const Key& master) {
  Keyring keyring(directory, path, Ring(random_key()));
  keyring.store_key_ = random_key();
  random_bytes(keyring.store_);
  keyring.slots_.push_back(keyring.slot_for(keyring.ring_, master));
  if (auto saved = keyring.save(); !saved) return fail(std::move(saved));
  return keyring;
}

Keyring Keyring::successor(int directory, const std::string& path, const Key& master, const StoreId& store,
                           std::uint64_t generation) {
  Keyring keyring(directory, path, Ring(random_key()));
  keyring.store_key_ = random_key();
  keyring.store_ = store;
  keyring.generation_ = generation;
  keyring.slots_.push_back(keyring.slot_for(keyring.ring_, master));
  return keyring;
}

Result<void> Keyring::write_draft() {
  std::ranges::sort(entries_, {}, &Entry::id);
  if (auto written = write_draft(generation_); !written) return written;
  if (::fsync(directory_) != 0) return failure(path_, "writing");
  return {};
}

Result<void> Keyring::publish() const {
  if (::renameat(directory_, format::kKeyringDraft, directory_, format::kKeyringFile) != 0 || ::fsync(directory_) != 0)
    return failure(path_, "writing");
  return {};
}

void Keyring::drop_draft() const { ::unlinkat(directory_, format::kKeyringDraft, 0); }

void Keyring::raise_floor(const Floor& floor) noexcept {
  floor_.generation = std::max(floor_.generation, floor.generation);
  floor_.ledger = std::max(floor_.ledger, floor.ledger);
}

const Keyring::Entry* Keyring::find(const KeyId& id) const {
  const auto at = std::ranges::lower_bound(entries_, id, {}, &Entry::id);
  return at != entries_.end() && at->id == id ? &*at : nullptr;
}

Result<Key> Keyring::unwrap(const KeyId& id) const {
  const Entry* const found = find(id);
  if (found == nullptr) return fail(Errc::not_found, path_ + " holds no such key");
  Key key;
  if (auto opened = open_sealed_into(ring_.wrap, found->wrapped, entry_data(store_, id), key.bytes()); !opened)
    return fail(std::move(opened));
  return key;
}

Result<std::vector<KeyId>> Keyring::add(std::size_t count) {
  std::vector<KeyId> ids(count);
  const auto present = static_cast<std::ptrdiff_t>(entries_.size());
  Key key;
  for (KeyId& id : ids) {
    random_bytes(id);
    random_bytes(key.bytes());
    entries_.push_back({id, wrap(ring_, id, key)});
  }
  std::ranges::sort(entries_.begin() + present, entries_.end(), {}, &Entry::id);
  std::ranges::inplace_merge(entries_, entries_.begin() + present, {}, &Entry::id);
  if (auto saved = save(); !saved) {
    std::vector<KeyId> taken = ids;
    std::ranges::sort(taken);
    std::erase_if(entries_, [&](const Entry& entry) { return std::ranges::binary_search(taken, entry.id); });
    return fail(std::move(saved));
  }
  return ids;
}

Result<void> Keyring::remove_if(const std::function<bool(const KeyId&)>& doomed) {
  Entries taken;
  std::erase_if(entries_, [&](const Entry& entry) {
    if (!doomed(entry.id)) return false;
    taken.push_back(entry);
    return true;
  });
  if (taken.empty()) return {};
  auto saved = save();
  if (saved) return saved;
  const auto kept = static_cast<std::ptrdiff_t>(entries_.size());
  entries_.insert(entries_.end(), taken.begin(), taken.end());
  std::ranges::inplace_merge(entries_, entries_.begin() + kept, {}, &Entry::id);
  return saved;
}

bool Keyring::opens_with(const Key& master) const {
  return std::ranges::any_of(slots_, [&](const Slot& s) { return open_slot(store_, s, master).has_value(); });
}

Result<void> Keyring::add_slot(const Key& master) {
  if (opens_with(master)) return {};
  if (slots_.size() >= format::kKeyringSlotsMax)
    return fail(Errc::busy,
                "the last changes of the master key are not finished: restart faced with the present one, or "
                "end them with enroll-tool rekey --settle");
  slots_.push_back(slot_for(ring_, master));
  auto saved = save();
  if (!saved) slots_.pop_back();
  return saved;
}

Result<void> Keyring::settle(const Key& master) {
  Ring fresh{random_key()};
  Entries wrapped_again;
  wrapped_again.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    const auto key = unwrap(entry.id);
    if (!key) return tl::unexpected<Error>(key.error());
    wrapped_again.push_back({entry.id, wrap(fresh, entry.id, *key)});
  }
  std::vector<Slot> only{slot_for(fresh, master)};
  std::swap(ring_, fresh);
  std::swap(entries_, wrapped_again);
  std::swap(slots_, only);
  auto saved = save();
  if (!saved) {
    std::swap(ring_, fresh);
    std::swap(entries_, wrapped_again);
    std::swap(slots_, only);
    return saved;
  }
  unlocked_ = 0;
  return {};
}

Blob Keyring::front(std::uint64_t generation) const {
  Blob out(format::keyring_size(slots_.size(), 0) - 2 * sizeof(Mac));
  Writer w(out.data(), out.size());
  w.raw(format::kKeyringMagic.data(), format::kKeyringMagic.size());
  w.u16(format::kKeyringVersion);
  w.u64(generation);
  w.u64(floor_.generation);
  w.u64(floor_.ledger);
  w.raw(store_.data(), store_.size());
  w.u8(static_cast<std::uint8_t>(slots_.size()));
  for (const Slot& slot : slots_) {
    w.raw(slot.id.data(), slot.id.size());
    w.raw(slot.sealed.data(), slot.sealed.size());
  }
  const WrappedKey store_key = sealed_key(ring_.wrap, store_key_, store_key_data(store_));
  w.raw(store_key.data(), store_key.size());
  w.u32(static_cast<std::uint32_t>(entries_.size()));
  return out;
}

Result<void> Keyring::write_draft(std::uint64_t generation) const {
  const Blob front = this->front(generation);
  const View entries = bytes_of(entries_);
  const Mac mac = keyed_mac(ring_.mac, {front, entries});
  const Mac sum = digest({front, entries, mac});
  auto written =
      keyring_file::write(directory_, format::kKeyringDraft, path_, {View(front), entries, View(mac), View(sum)});
  if (!written) drop_draft();
  return written;
}

Result<void> Keyring::save() {
  const std::uint64_t next = generation_ + 1;
  if (auto written = write_draft(next); !written) return written;
  if (::renameat(directory_, format::kKeyringDraft, directory_, format::kKeyringFile) != 0) {
    auto failed = failure(path_, "writing");
    drop_draft();
    return failed;
  }
  generation_ = next;
  if (::fsync(directory_) != 0) return failure(path_, "writing");
  return {};
}

}  // namespace faceauth
