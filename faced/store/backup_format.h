// The backup file, version 1, little-endian; docs/STORE-FORMAT.md tells the same as prose.
//
//   head:   "FABACKUP" u16 version, u32 passes, u32 memory in KiB, 16-byte salt (Argon2id), 24-byte stream header
//   chunks: u16 size and that many bytes, sealed in a sequence (crypto/sealed_stream.h) under the passphrase's key;
//           the first is bound to the head
//
// Sealed, each chunk one item: start, then each user with his templates behind him, in the order of names, then end:
//   start     u8 0, i64 time of the backup
//   user      u8 1, blob name, u32 uid, i64 created, UserState without Untold, u8 has a password, 128-byte hash string,
//   u16 templates template  u8 2, 8-byte id, i64 created, blob label, blob source, blob dlib model, blob feature model,
//   Encodings end       u8 3, u64 users, u64 templates; the last chunk
#pragma once

#include <faced/crypto/passphrase.h>
#include <faced/crypto/sealed_stream.h>
#include <faced/store/record_format.h>
#include <faced/store/records.h>

#include <faceauth/result.h>

#include <optional>
#include <string>
#include <vector>

namespace faceauth {

namespace backup {

inline constexpr std::array<std::uint8_t, 8> kMagic{'F', 'A', 'B', 'A', 'C', 'K', 'U', 'P'};
inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::size_t kHeadSize = 8 + 2 + 4 + 4 + 16 + kStreamHeader;
enum class Item : std::uint8_t { start = 0, user = 1, one_template = 2, end = 3 };

struct Head {
  PassphraseCost cost;
  PassphraseSalt salt{};
  StreamHeader stream{};
};
using HeadBytes = std::array<std::uint8_t, kHeadSize>;
[[nodiscard]] HeadBytes encode(const Head& head);
// Errors: invalid_argument (no backup, or a cost out of bounds), newer_schema.
[[nodiscard]] Result<Head> decode_head(format::View bytes);

struct Totals {
  std::uint64_t users = 0, templates = 0;
  friend bool operator==(const Totals&, const Totals&) = default;
};

[[nodiscard]] SecretBytes encode_start(UnixTime now);
[[nodiscard]] SecretBytes encode(const UserSummary& user, const PasswordHash* password);
[[nodiscard]] SecretBytes encode(const Template& entry);
[[nodiscard]] SecretBytes encode_end(const Totals& totals);

}  // namespace backup

struct BackupUser {
  std::string name;
  std::uint32_t uid = 0;
  UnixTime created{};
  UserState state;
  std::optional<PasswordHash> password;
  std::vector<Template> templates;
};

// Puts the items of a backup together again, and insists on their order, their bounds and their number.
class BackupParser {
 public:
  // A user, once he is complete. Errors: corrupt.
  [[nodiscard]] Result<std::optional<BackupUser>> take(format::View item, bool last);
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] const backup::Totals& totals() const noexcept { return seen_; }

 private:
  [[nodiscard]] bool take_user(Reader& r);
  [[nodiscard]] bool take_template(Reader& r);
  [[nodiscard]] bool take_end(Reader& r);

  bool started_ = false, ended_ = false;
  std::optional<BackupUser> user_;
  std::size_t missing_ = 0;  // templates still to come
  std::string before_;       // the last name: names only ever ascend, so nobody comes twice
  backup::Totals seen_;
};

}  // namespace faceauth
