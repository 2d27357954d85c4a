// The keyring of schema 1, whose keys all came from the master key; read in order to migrate, never written.
//
//   "FAKEYS" u16 1, u64 generation, 16-byte store id, sealed() by the check key, u32 count,
//   count times { 16-byte key id, sealed(32-byte user key) by the wrap key, bound to its user's name and uid },
//   32-byte MAC over all of that by the MAC key
#pragma once

#include <faced/crypto/secret.h>
#include <faced/store/keyring.h>
#include <faced/store/record_format.h>

#include <faceauth/result.h>

#include <map>
#include <string>
#include <string_view>

namespace faceauth {

class KeyringV1 {
 public:
  [[nodiscard]] static bool is_whole(format::View content);

  // Errors: wrong_key, corrupt.
  [[nodiscard]] static Result<KeyringV1> unlock(const std::string& path, const Key& master, const Keyring::File& file);

  [[nodiscard]] const format::StoreId& store() const noexcept { return store_; }
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool contains(const format::KeyId& id) const { return entries_.contains(id); }
  [[nodiscard]] const Key& check() const noexcept { return check_; }
  [[nodiscard]] const Key& header() const noexcept { return header_; }

  // Errors: not_found, corrupt when the key is another user's.
  [[nodiscard]] Result<Key> unwrap(const format::KeyId& id, std::string_view user, std::uint32_t uid) const;

 private:
  explicit KeyringV1(const Key& master);

  Key check_, wrap_, mac_, header_;
  format::StoreId store_{};
  std::uint64_t generation_ = 0;
  std::map<format::KeyId, format::WrappedKey> entries_;
};

}  // namespace faceauth
