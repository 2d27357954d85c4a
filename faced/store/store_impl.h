// What an open store consists of. Judging it is store_open.cpp, its databases store_tables.cpp, using it store.cpp,
// store_audit.cpp, store_keys_change.cpp and store_restore.cpp.
#pragma once

#include <faced/store/keyring.h>
#include <faced/store/ledger.h>
#include <faced/store/lmdb_env.h>
#include <faced/store/migration.h>
#include <faced/store/store.h>
#include <faced/store/user_records.h>
#include <faced/util/fd.h>

#include <faceauth/result.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth {

class Store::Impl {
 public:
  static Result<std::unique_ptr<Impl>> open(const std::string& directory, const Key& master,
                                            const StoreOptions& options);

  Impl(std::string path, Fd directory, Keyring keyring, Env env, const StoreOptions& options)
      : path_(std::move(path)),
        directory_(std::move(directory)),
        keys_(keyring.store_key()),
        saved_floor_(keyring.floor()),
        keyring_(std::move(keyring)),
        env_(std::move(env)),
        ledger_entries_(options.ledger_entries) {}

  Result<void> enroll(const std::string& user, std::uint32_t uid, std::vector<Template>& templates,
                      const PasswordHash* password, const UserState& state, UnixTime now, const AuditEvent* event,
                      std::span<const TemplateId> completed);
  Result<void> remove_user(std::string_view name, const AuditEvent* event);
  Result<void> for_each_user(std::string_view after, const std::function<bool(const UserSummary&)>& visit) const;
  Result<StoreFigures> figures() const;
  Result<void> add_master_key(const Key& master);
  Result<void> settle_master_key(const Key& master);
  std::size_t master_keys() const;
  bool opens_with(const Key& master) const;
  Result<void> note_what_was_reached();
  Result<Restored> restore(RestoreSource& source, std::uint64_t users, RestoreMode mode, const AuditEvent* event);
  Result<void> record(const AuditEvent& event);
  Result<AuditPage> audit(std::uint64_t from, std::size_t count) const;
  Result<void> check_audit(AuditCheck& progress, std::size_t count) const;

  void on_enrolment(std::function<void(std::string_view)> tell) { tell_ = std::move(tell); }
  void enrolment_changed(std::string_view user) const {
    if (tell_) tell_(user);
  }

  // Runs `use(records, subject)` in a read transaction, `change(records, subject)` in a write transaction.
  template <class Use>
  auto read_user(std::string_view name, Use use) const
      -> decltype(use(std::declval<UserRecords&>(), std::declval<const Subject&>()));
  template <class Change>
  Result<void> write_user(std::string_view name, const AuditEvent* event, Change change);

 private:
  struct Page {
    std::vector<UserSummary> users;
    std::string last;
    bool more = false;
    Result<void> end{};  // why the page ends early
  };
  UserRecords records(Txn& txn) const { return {txn, tables_, keyring_, keys_}; }
  Ledger ledger(Txn& txn) const { return {txn, tables_.meta, tables_.ledger, keys_, keyring_.store()}; }

  // All writing goes through here: what was reached becomes what an older copy of data.mdb is measured by.
  Result<void> write(const std::function<Result<void>(Txn&)>& work);
  Result<void> put_check(Txn& txn);
  Result<void> append(Txn& txn, const AuditEvent* event);  // nothing for null
  Result<void> create_tables(std::uint32_t schema);
  Result<void> open_tables();
  Result<void> upgrade(std::uint32_t found, const StoreOptions& options);
  Result<void> take_over(const Key& master, std::uint32_t schema, const StoreOptions& options);
  Result<void> mend_ledger();
  Result<bool> is_whole() const;
  Result<void> mend(bool at_start);
  Result<void> note_lost(std::size_t keys);
  Result<void> register_user(const std::string& user, std::uint32_t uid,
                             const std::function<Result<void>(UserRecords&, Subject&)>& fill, UnixTime now,
                             const AuditEvent* event);
  Result<Page> read_page(std::string_view after) const;
  Result<void> put_restored(UserRecords& all, BackupUser& user, const format::KeyId& id);
  Result<Restored> put_all(Txn& txn, RestoreSource& source, std::span<const format::KeyId> ids, RestoreMode mode);

  std::string path_;
  Fd directory_;  // locked (flock); the keyring borrows it
  StoreKeys keys_;
  Keyring::Floor saved_floor_;  // as the keyring's file had it when it was opened
  Keyring keyring_;
  Env env_;
  Tables tables_;
  std::uint64_t ledger_entries_;
  std::function<void(std::string_view)> tell_;
  Keyring::Floor reached_;  // by the transaction that is being written
};

template <class Use>
auto Store::Impl::read_user(std::string_view name, Use use) const
    -> decltype(use(std::declval<UserRecords&>(), std::declval<const Subject&>())) {
  auto txn = env_.read();
  if (!txn) return fail(std::move(txn));
  UserRecords all = records(*txn);
  auto subject = all.open(name);
  if (!subject) return fail(std::move(subject));
  return use(all, *subject);
}

template <class Change>
Result<void> Store::Impl::write_user(std::string_view name, const AuditEvent* event, Change change) {
  return write([&](Txn& txn) -> Result<void> {
    UserRecords all = records(txn);
    auto subject = all.open(name);
    if (!subject) return fail(std::move(subject));
    if (Result<void> done = change(all, *subject); !done) return done;
    return append(txn, event);
  });
}

}  // namespace faceauth
