// The encrypted store: one LMDB environment for records and one keyring file for user keys (docs/STORE-FORMAT.md).
//
// Every record is sealed under its user's own key; the associated data binds format version, record kind, user name,
// uid, record id and model id, so no record opens in another place. User keys lie wrapped in `keyring`, which the
// master key opens, apart from `data.mdb`: removing a user rewrites the keyring without his key before his records go.
//
// A change that is given an event appends it to the ledger in the same transaction: both are stored, or neither.
//
// One thread at a time. Every write is one transaction, synced before it returns. No call leaves a transaction open.
// Errors everywhere: corrupt (names the record, never its content), no_space, io, wrong_key, newer_schema.
#pragma once

#include <faced/crypto/secret.h>
#include <faced/store/audit.h>
#include <faced/store/records.h>
#include <faced/store/restore.h>

#include <faceauth/result.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth {

struct StoreOptions;  // store/migration.h

class Store {
 public:
  // True when `directory` holds neither data.mdb nor a keyring: only then may a master key be created.
  // Errors: unsafe_path, io.
  [[nodiscard]] static Result<bool> is_empty(const std::string& directory);

  // Creates what is missing (0700 directory, 0600 files) in an empty directory; opens, checks the key, migrates and
  // mends half-finished work otherwise. A data.mdb without its keyring (or the reverse) is `corrupt`: nothing is
  // written. Takes an exclusive lock on the directory: a second opener gets `busy`.
  [[nodiscard]] static Result<Store> open(const std::string& directory, const Key& master);
  // The same with another schema, other migrations or another map size.
  [[nodiscard]] static Result<Store> open(const std::string& directory, const Key& master, const StoreOptions& options);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Registers or extends a user in one step: user, templates and password (if given) are all stored, or nothing is.
  // An existing user keeps what he has; his stored uid must equal `uid` (else invalid_argument). `state` becomes his
  // state in both cases. A template id of zeros is drawn here; one that the user has already is invalid_argument.
  // Incomplete templates of these ids go in the same step: the new ones take their place.
  // Errors besides: invalid_argument for names, labels or counts beyond limits.h.
  [[nodiscard]] Result<void> enroll(const std::string& user, std::uint32_t uid, std::vector<Template> templates,
                                    const PasswordHash* password, const UserState& state, UnixTime now,
                                    const AuditEvent* event = nullptr, std::span<const TemplateId> completed = {});

  // Adds one adapted template and drops the oldest of them beyond `keep` (at least 1). Those that enroll() or
  // remove_templates() find fall when either changes the others: they were measured against these.
  // Errors besides: not_found; invalid_argument beyond limits.h, or when it is no adapted one.
  [[nodiscard]] Result<void> adapt(std::string_view name, const Template& entry, std::size_t keep,
                                   const AuditEvent* event = nullptr);

  [[nodiscard]] Result<UserSummary> user(std::string_view name) const;                      // not_found
  [[nodiscard]] Result<std::vector<Template>> templates(std::string_view name) const;       // not_found
  [[nodiscard]] Result<std::optional<PasswordHash>> password(std::string_view name) const;  // not_found: no such user

  // Templates and hash stay as they are.
  [[nodiscard]] Result<void> set_state(std::string_view name, const UserState& state,
                                       const AuditEvent* event = nullptr);
  // Creates nobody: not_found without the user. A `state` is stored in the same step.
  [[nodiscard]] Result<void> set_password(std::string_view name, const PasswordHash& hash,
                                          const AuditEvent* event = nullptr, const UserState* state = nullptr);

  // Crypto-erase, then the records.
  [[nodiscard]] Result<void> remove_user(std::string_view name, const AuditEvent* event = nullptr);
  // Number removed; not_found when none has the label. The user himself stays. A `state` is stored in the same step.
  [[nodiscard]] Result<std::size_t> remove_templates(std::string_view name, std::string_view label,
                                                     const AuditEvent* event = nullptr,
                                                     const UserState* state = nullptr);

  // In name order; `visit` returns false to stop. `after`: start behind this name (paging without a long transaction).
  [[nodiscard]] Result<void> for_each_user(std::string_view after,
                                           const std::function<bool(const UserSummary&)>& visit) const;

  [[nodiscard]] Result<StoreFigures> figures() const;

  // Called with the name of whoever's enrolled templates may have changed, before the call that did it returns; with an
  // empty one when they may be anybody's. Adapted templates are none of them.
  void on_enrolment(std::function<void(std::string_view)> tell);

  // ---- the master key
  // From now on this one opens the store too; opening it with this one settles. Errors besides: busy.
  [[nodiscard]] Result<void> add_master_key(const Key& master);
  // From now on this one alone opens the store. All user keys are wrapped again.
  [[nodiscard]] Result<void> settle_master_key(const Key& master);
  [[nodiscard]] std::size_t master_keys() const;  // more than one: a change is not finished
  [[nodiscard]] bool opens_with(const Key& master) const;

  // Before an orderly end: an older copy of what was written since the keyring's last change is noticed from then on.
  [[nodiscard]] Result<void> note_what_was_reached();

  // ---- backup
  // The `users` of the source, all in one step. Errors besides: invalid_argument (the mode does not allow it, too
  // many), those of the source.
  [[nodiscard]] Result<Restored> restore(RestoreSource& source, std::uint64_t users, RestoreMode mode,
                                         const AuditEvent* event = nullptr);

  // ---- the ledger
  // For what changes nothing else.
  [[nodiscard]] Result<void> record(const AuditEvent& event);
  // At most `count` entries from number `from` on, oldest first.
  [[nodiscard]] Result<AuditPage> audit(std::uint64_t from, std::size_t count) const;
  // Looks at the next `count` entries.
  [[nodiscard]] Result<void> check_audit(AuditCheck& progress, std::size_t count) const;

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace faceauth
