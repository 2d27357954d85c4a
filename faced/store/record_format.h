// The layout of everything the store writes, and the only place of it. docs/STORE-FORMAT.md tells the same as prose.
//
// Little-endian. blob = u16 length and bytes. sealed(x) = 24-byte nonce, ciphertext of x, 16-byte tag
// (XChaCha20-Poly1305). Times are Unix seconds, i64.
//
// data.mdb, database -> key -> value:
//   meta       "schema"      -> u32
//   meta       "store"       -> 16-byte store id
//   meta       "check"       -> u64 keyring generation, sealed()                       by the check key
//   meta       "ledger"      -> LedgerHead, 32-byte MAC                                by the ledger's MAC key
//   users      name          -> UserHeader, 32-byte MAC, sealed(UserBody)              MAC by the header key
//   states     name          -> u8 format (2; 1 has no Untold), sealed(UserState)      by the user's key from here on
//   passwords  name          -> u8 format, sealed(128-byte hash string)
//   templates  name 0x00 id  -> u8 format, blob dlib model, blob feature model,
//                               blob sealed(TemplateDetail), blob sealed(Encodings)
//   ledger     u64 number, big-endian -> u8 format, 32-byte link, sealed(AuditEvent)   by the ledger key
//
// keyring, version 2 (version 1: keyring_v1.h):
//   "FAKEYS" u16 version u64 generation u64 oldest generation of data.mdb u64 oldest end of the ledger
//   16-byte store id u8 slots, slots times { 16-byte slot id, sealed(32-byte ring key) by a master key },
//   sealed(32-byte store key) by the wrap key, u32 count,
//   count times { 16-byte key id, sealed(32-byte user key) by the wrap key },
//   32-byte MAC over all of that by the MAC key, 32-byte digest over all of that without a key
#pragma once

#include <faced/crypto/aead.h>
#include <faced/crypto/mac.h>
#include <faced/store/records.h>

#include <faceauth/bytes.h>
#include <faceauth/limits.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth::format {

inline constexpr std::uint32_t kSchema = 3;      // how records are arranged; migrations lead from one to the next
inline constexpr std::uint8_t kRecord = 1;       // how one record is written; part of its associated data
inline constexpr std::uint8_t kStateRecord = 2;  // likewise, of a state; kRecord is read too
inline constexpr std::uint16_t kKeyringVersion = 2;
inline constexpr std::size_t kModelMax = 64;
inline constexpr std::size_t kSourceMax = 16;

using StoreId = std::array<std::uint8_t, 16>;
using KeyId = std::array<std::uint8_t, 16>;
using Blob = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

// Names of the databases and of the keys in meta.
inline constexpr const char* kMeta = "meta";
inline constexpr const char* kUsers = "users";
inline constexpr const char* kStates = "states";
inline constexpr const char* kPasswords = "passwords";
inline constexpr const char* kTemplates = "templates";
inline constexpr const char* kLedger = "ledger";
inline constexpr std::string_view kMetaSchema = "schema";
inline constexpr std::string_view kMetaStore = "store";
inline constexpr std::string_view kMetaCheck = "check";
inline constexpr std::string_view kMetaLedger = "ledger";

inline constexpr const char* kDataFile = "data.mdb";
inline constexpr const char* kKeyringFile = "keyring";
inline constexpr const char* kKeyringDraft = "keyring.new";

// Derived keys (crypto_kdf): number and context are part of the format. The slot key comes from a master key, wrap and
// keyring MAC from the ring key, the others from the store key. In version 1 the first four came from the master key.
enum class Purpose : std::uint64_t {
  check = 1,
  wrap = 2,
  keyring_mac = 3,
  header = 4,
  slot = 5,
  ledger = 6,
  ledger_mac = 7,
};
inline constexpr char kContext[9] = "fastore1";

// What a sealed part or a MAC is of. Part of its associated data: append, never renumber.
enum class Kind : std::uint8_t {
  keyring_check = 1,
  keyring_entry = 2,
  meta_check = 3,
  user_header = 4,
  user_body = 5,
  state = 6,
  password = 7,
  template_detail = 8,
  encodings = 9,
  keyring_slot = 10,
  store_key = 11,
  ledger_entry = 12,
  ledger_head = 13,
};

// Where a record belongs. Fields that a kind does not have stay empty.
struct Place {
  Kind kind{};
  std::string_view user{};
  std::uint32_t uid = 0;
  View record{};  // template id, key id, or what else tells records of a kind apart
  std::string_view dlib_model{}, feature_model{};
  std::uint8_t format = kRecord;
};

// The associated data: u8 record format, u8 kind, store id, u32 uid, and the four texts as blobs, so that no two
// places give the same bytes.
[[nodiscard]] Blob associated_data(const StoreId& store, const Place& place);

// What meta's check is bound to.
[[nodiscard]] Blob check_data(const StoreId& store, std::uint64_t generation);

// The clear front of a user's record, bound by its MAC and by user_body's associated data.
struct UserHeader {
  std::uint32_t uid = 0;
  UnixTime created{};
  KeyId key{};
};
inline constexpr std::size_t kHeaderSize = 1 + 4 + 8 + 16;

// How much belongs to the user, so that a record that went missing is noticed.
struct UserBody {
  bool has_password = false;
  std::uint16_t templates = 0;
  std::uint32_t next_sequence = 0;
};
inline constexpr std::size_t kBodySize = 1 + 2 + 4;

inline constexpr std::size_t kUserSize = kHeaderSize + sizeof(Mac) + kBodySize + kSealOverhead;
inline constexpr std::size_t kCountersSize = 4 + 8 + 1 + 1 + 4 + 8 + 1 + 8 + 16;
inline constexpr std::size_t kStateSize = kCountersSize + 1 + 8 + 4 + 2;

// The sealed part of a template that is no biometric data. `sequence` gives the order of creation.
struct TemplateDetail {
  std::uint32_t sequence = 0;
  UnixTime created{};
  std::string label, source;
};
inline constexpr std::size_t kDetailMax = 4 + 8 + (2 + limits::kLabelMax) + (2 + kSourceMax);

// The parts of a template's record; the views borrow the record.
struct TemplateRecord {
  std::string_view dlib_model, feature_model;
  View detail, encodings;
};
inline constexpr std::size_t kEncodingsSize = sizeof(Encodings);

using HeaderBytes = std::array<std::uint8_t, kHeaderSize>;
using BodyBytes = std::array<std::uint8_t, kBodySize>;
using CountersBytes = std::array<std::uint8_t, kCountersSize>;
using StateBytes = std::array<std::uint8_t, kStateSize>;

[[nodiscard]] HeaderBytes encode(const UserHeader& header);
[[nodiscard]] BodyBytes encode(const UserBody& body);
[[nodiscard]] StateBytes encode(const UserState& state);
[[nodiscard]] CountersBytes encode_counters(const UserState& state);  // without what he was not told
[[nodiscard]] Blob encode(const TemplateDetail& detail);
[[nodiscard]] Blob encode(const TemplateRecord& record);

// Nothing for bytes that are not exactly such a value.
[[nodiscard]] std::optional<UserHeader> decode_header(View bytes);
[[nodiscard]] std::optional<UserBody> decode_body(View bytes);
[[nodiscard]] std::optional<UserState> decode_state(View bytes);
[[nodiscard]] std::optional<UserState> decode_counters(View bytes);
[[nodiscard]] std::optional<TemplateDetail> decode_detail(View bytes);
[[nodiscard]] std::optional<TemplateRecord> decode_template(View bytes);

[[nodiscard]] std::string template_prefix(std::string_view user);
[[nodiscard]] std::string template_key(std::string_view user, const TemplateId& id);

// 1 to limits::kUserNameMax bytes without NUL and '/'.
[[nodiscard]] bool is_user_name(std::string_view name) noexcept;

// A name fit for a message: at most 64 bytes, anything but printable ASCII as '?'.
[[nodiscard]] std::string printable(std::string_view name);

// Keyring
inline constexpr std::array<std::uint8_t, 6> kKeyringMagic{'F', 'A', 'K', 'E', 'Y', 'S'};
using WrappedKey = std::array<std::uint8_t, 32 + kSealOverhead>;
inline constexpr std::size_t kKeyringSlotsMax = 4;
inline constexpr std::size_t kKeyringFront = 6 + 2 + 8 + 8 + 8 + 16 + 1;  // up to the slots
inline constexpr std::size_t kKeyringSlot = 16 + sizeof(WrappedKey);
inline constexpr std::size_t kKeyringEntry = 16 + sizeof(WrappedKey);
constexpr std::size_t keyring_size(std::size_t slots, std::size_t keys) {
  return kKeyringFront + slots * kKeyringSlot + sizeof(WrappedKey) + 4 + keys * kKeyringEntry + 2 * sizeof(Mac);
}

}  // namespace faceauth::format
