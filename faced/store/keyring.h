// The user keys, wrapped, in one small file apart from data.mdb (layout: record_format.h).
//
// The master key opens a slot, which holds the ring key; the ring key wraps the user keys and the store key. While the
// master key is being changed, there is a slot for the old one and one for the new (docs/decisions/0023).
//
// Every change writes a whole new file beside the old one and renames it over, so a crash leaves one of the two. In
// memory the user keys stay wrapped; one is plain only while its user is being read or written.
#pragma once

#include <faced/crypto/secret.h>
#include <faced/store/record_format.h>
#include <faced/util/fd.h>

#include <faceauth/result.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace faceauth {

class Keyring {
 public:
  // A keyring file as read: of its right length and digest, but not yet proved by any key.
  struct File {
    format::Blob content;
    std::uint16_t version = 0;
    std::uint64_t generation = 0;
    format::StoreId store{};
  };

  // What data.mdb must at least say, so that an older copy of it beside this keyring is noticed.
  struct Floor {
    std::uint64_t generation = 0;  // of its check
    std::uint64_t ledger = 0;      // the number its next ledger entry gets
    friend bool operator==(const Floor&, const Floor&) = default;
  };

  // Nothing when there is no file. `name`: within `directory`. Errors: corrupt (no keyring, damaged, or not as long as
  // it says), newer_schema, io.
  [[nodiscard]] static Result<std::optional<File>> read(int directory, const char* name, const std::string& path);

  // A version 2 file. Errors: wrong_key when the master key opens no slot, corrupt when anything was changed.
  // `directory` is borrowed, here and below, as long as the keyring lives.
  [[nodiscard]] static Result<Keyring> unlock(int directory, const std::string& path, const Key& master,
                                              const File& file);

  // Writes an empty one, for a new store with a new id.
  [[nodiscard]] static Result<Keyring> create(int directory, const std::string& path, const Key& master);

  // One with new ring and store keys, in memory only, that takes over a store's id and, one by one, its user keys (a
  // migration). write_draft() puts it beside the present keyring, publish() makes it the keyring.
  [[nodiscard]] static Keyring successor(int directory, const std::string& path, const Key& master,
                                         const format::StoreId& store, std::uint64_t generation);
  void adopt(const format::KeyId& id, const Key& key) { entries_.push_back({id, wrap(ring_, id, key)}); }
  [[nodiscard]] Result<void> write_draft();
  [[nodiscard]] Result<void> publish() const;

  [[nodiscard]] const format::StoreId& store() const noexcept { return store_; }
  [[nodiscard]] const Key& store_key() const noexcept { return store_key_; }
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  [[nodiscard]] const Floor& floor() const noexcept { return floor_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool contains(const format::KeyId& id) const { return find(id) != nullptr; }

  // Written with the next change; never lowered.
  void raise_floor(const Floor& floor) noexcept;
  [[nodiscard]] Result<void> save_floor() { return save(); }

  // Errors: not_found, corrupt.
  [[nodiscard]] Result<Key> unwrap(const format::KeyId& id) const;

  // Draws new user keys and stores them in one rewrite; gives their ids.
  [[nodiscard]] Result<std::vector<format::KeyId>> add(std::size_t count);

  // Removes all keys that `doomed` names in one rewrite; writes nothing when there is none.
  [[nodiscard]] Result<void> remove_if(const std::function<bool(const format::KeyId&)>& doomed);

  // ---- changing the master key
  [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }
  // The slot that unlock() opened; 0 is the oldest.
  [[nodiscard]] std::size_t unlocked_slot() const noexcept { return unlocked_; }
  [[nodiscard]] bool opens_with(const Key& master) const;
  // From now on this master key opens the keyring too; writes nothing when it does already. Errors: busy when too many
  // changes have not been settled.
  [[nodiscard]] Result<void> add_slot(const Key& master);
  // From now on only this one does, and what an older one unwraps is no use any more: a new ring key, all user keys
  // wrapped again.
  [[nodiscard]] Result<void> settle(const Key& master);

 private:
  // As in the file, sorted by id: of a million users they are what the keeper's memory is made of.
  struct Entry {
    format::KeyId id{};
    format::WrappedKey wrapped{};
  };
  using Entries = std::vector<Entry>;
  struct Slot {
    format::KeyId id{};
    format::WrappedKey sealed{};
  };
  struct Ring {
    explicit Ring(Key ring);
    Key key, wrap, mac;
  };

  Keyring(int directory, std::string path, Ring ring)
      : directory_(directory), path_(std::move(path)), ring_(std::move(ring)) {}
  [[nodiscard]] static Result<Keyring> parse(int directory, const std::string& path, Ring ring, std::vector<Slot> slots,
                                             const File& file);
  [[nodiscard]] static std::optional<Key> open_slot(const format::StoreId& store, const Slot& slot, const Key& master);
  [[nodiscard]] Slot slot_for(const Ring& ring, const Key& master) const;
  [[nodiscard]] const Entry* find(const format::KeyId& id) const;
  [[nodiscard]] format::WrappedKey wrap(const Ring& ring, const format::KeyId& id, const Key& key) const;
  [[nodiscard]] Result<void> write_draft(std::uint64_t generation) const;
  void drop_draft() const;
  [[nodiscard]] Result<void> save();
  [[nodiscard]] format::Blob front(std::uint64_t generation) const;  // of the file, up to the entries

  int directory_;
  std::string path_;  // for messages
  Ring ring_;
  Key store_key_;
  format::StoreId store_{};
  std::uint64_t generation_ = 0;
  Floor floor_;
  std::vector<Slot> slots_;
  std::size_t unlocked_ = 0;
  Entries entries_;
};

}  // namespace faceauth
