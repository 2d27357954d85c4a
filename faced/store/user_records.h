// The records of one user within one transaction: what is sealed, where it belongs, and that nothing went missing.
#pragma once

#include <faced/crypto/secret.h>
#include <faced/store/keyring.h>
#include <faced/store/lmdb_env.h>
#include <faced/store/record_format.h>
#include <faced/store/records.h>
#include <faced/store/store_keys.h>

#include <faceauth/result.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth {

struct Tables {
  Db meta, users, states, passwords, templates, ledger;
};

// A registered user and his key, for as long as a transaction.
struct Subject {
  std::string name;
  format::UserHeader header;
  format::UserBody body;
  Key key;
};

// Borrows everything it is made with. Errors of every call: corrupt (names the record and the user), no_space, io.
class UserRecords {
 public:
  UserRecords(Txn& txn, const Tables& tables, const Keyring& keyring, const StoreKeys& keys)
      : txn_(txn), tables_(tables), keyring_(keyring), keys_(keys) {}

  // Proved by the header key alone, so also of a user whose own key is gone. Nothing when there is no record.
  [[nodiscard]] Result<std::optional<format::UserHeader>> header(std::string_view name) const;
  [[nodiscard]] Result<format::UserHeader> header_of(std::string_view name, View record) const;

  // Errors besides: not_found, also when the key is gone (a removal that was cut short).
  [[nodiscard]] Result<Subject> open(std::string_view name) const;

  [[nodiscard]] Result<UserSummary> summary(const Subject& subject) const;
  [[nodiscard]] Result<UserState> state(const Subject& subject) const;
  [[nodiscard]] Result<std::optional<PasswordHash>> password(const Subject& subject) const;
  [[nodiscard]] Result<std::vector<Template>> templates(const Subject& subject) const;

  // These keep `subject.body` in step; put() stores it.
  [[nodiscard]] Result<void> put(const Subject& subject);
  [[nodiscard]] Result<void> put_state(const Subject& subject, const UserState& state);
  [[nodiscard]] Result<void> put_password(Subject& subject, const PasswordHash& hash);
  [[nodiscard]] Result<void> put_template(Subject& subject, const Template& entry);  // invalid_argument: id is taken
  // Adapted ones, which were measured against the others, fall with any other that is erased.
  [[nodiscard]] Result<std::size_t> erase_templates(Subject& subject, std::string_view label);
  // Those of `ids` that are incomplete.
  [[nodiscard]] Result<void> erase_incomplete(Subject& subject, std::span<const TemplateId> ids);
  // All adapted ones but the last `keep`.
  [[nodiscard]] Result<void> erase_adapted(Subject& subject, std::size_t keep);

  // Whatever is stored under the name, readable or not.
  [[nodiscard]] Result<void> erase_all(std::string_view name);

 private:
  struct Found {
    std::uint32_t sequence = 0;
    TemplateInfo info;
    View encodings;  // borrows the transaction
  };
  [[nodiscard]] format::Place place(const Subject& subject, format::Kind kind) const;
  [[nodiscard]] static format::Place at(format::Place place, View id, std::string_view dlib_model,
                                        std::string_view feature_model);
  [[nodiscard]] format::Blob seal_at(const Subject& subject, const format::Place& where, View plain) const;
  [[nodiscard]] bool open_at(const Subject& subject, const format::Place& where, View sealed,
                             std::span<std::uint8_t> out) const;
  [[nodiscard]] Result<std::optional<View>> value(Db db, const Subject& subject) const;
  [[nodiscard]] Result<bool> has_password(const Subject& subject) const;
  [[nodiscard]] Result<std::vector<Found>> find_templates(const Subject& subject) const;
  [[nodiscard]] Result<Found> open_template(const Subject& subject, View key, View record) const;
  [[nodiscard]] Result<void> erase_one(Subject& subject, const TemplateId& id);

  Txn& txn_;
  const Tables& tables_;
  const Keyring& keyring_;
  const StoreKeys& keys_;
};

[[nodiscard]] tl::unexpected<Error> record_damaged(const char* record, std::string_view user);

}  // namespace faceauth
