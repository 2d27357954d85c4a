// The user keys, wrapped by the master key, in one small file apart from data.mdb (layout: record_format.h).
//
// Every change writes a whole new file beside the old one and renames it over, so a crash leaves one of the two. In
// memory the keys stay wrapped; a key is plain only while its user is being read or written.
#pragma once

#include <faced/crypto/secret.h>
#include <faced/store/record_format.h>
#include <faced/util/fd.h>

#include <faceauth/result.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

namespace faceauth {

// The store's own keys, derived from the master key, which is not kept.
struct StoreKeys {
  explicit StoreKeys(const Key& master);
  Key check, wrap, keyring_mac, header;
};

class Keyring {
 public:
  struct Owner {
    std::string_view user;
    std::uint32_t uid = 0;
  };

  // A keyring file as read, before its key is known to be right.
  struct File {
    format::Blob content;
    std::uint64_t generation = 0;
    format::StoreId store{};
    bool key_fits = false;  // the header's check opens; when not, the key is wrong or the header is damaged
  };

  // Nothing when there is no file. Errors: corrupt (no keyring, or not as long as it says), newer_schema, io.
  [[nodiscard]] static Result<std::optional<File>> read(int directory, const std::string& path, const StoreKeys& keys);

  // Errors: corrupt when anything in the file was changed.
  [[nodiscard]] static Result<Keyring> load(int directory, const std::string& path, const StoreKeys& keys,
                                            const File& file);

  // Writes an empty one, for a new store with a new id. `directory` is borrowed, here and above, as long as the
  // keyring lives.
  [[nodiscard]] static Result<Keyring> create(int directory, const std::string& path, const StoreKeys& keys);

  [[nodiscard]] const format::StoreId& store() const noexcept { return store_; }
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool contains(const format::KeyId& id) const { return entries_.contains(id); }

  // Errors: not_found, corrupt when the key is another user's.
  [[nodiscard]] Result<Key> unwrap(const StoreKeys& keys, const format::KeyId& id, const Owner& owner) const;

  // Draws a key for a user and stores it; gives its id.
  [[nodiscard]] Result<format::KeyId> add(const StoreKeys& keys, const Owner& owner);

  // Removes all keys that `doomed` names in one rewrite; writes nothing when there is none.
  [[nodiscard]] Result<void> remove_if(const StoreKeys& keys, const std::function<bool(const format::KeyId&)>& doomed);

 private:
  struct Hash {
    std::size_t operator()(const format::KeyId& id) const noexcept {
      std::size_t h = 0;
      std::memcpy(&h, id.data(), sizeof h);  // ids are random
      return h;
    }
  };
  using Entries = std::unordered_map<format::KeyId, format::WrappedKey, Hash>;

  Keyring(int directory, std::string path) : directory_(directory), path_(std::move(path)) {}
  [[nodiscard]] Result<void> save(const StoreKeys& keys);
  [[nodiscard]] format::Blob content(const StoreKeys& keys, std::uint64_t generation) const;

  int directory_;
  std::string path_;  // for messages
  format::StoreId store_{};
  std::uint64_t generation_ = 0;
  Entries entries_;
};

}  // namespace faceauth
