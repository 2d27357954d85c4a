// What an open store consists of. Opening it is store_open.cpp, using it store.cpp.
#pragma once

#include <faced/store/keyring.h>
#include <faced/store/lmdb_env.h>
#include <faced/store/store.h>
#include <faced/store/user_records.h>
#include <faced/util/fd.h>

#include <faceauth/result.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace faceauth {

class Store::Impl {
 public:
  static Result<std::unique_ptr<Impl>> open(const std::string& directory, const Key& master,
                                            const StoreOptions& options);

  Impl(std::string path, Fd directory, StoreKeys keys, Keyring keyring, Env env)
      : path_(std::move(path)),
        directory_(std::move(directory)),
        keys_(std::move(keys)),
        keyring_(std::move(keyring)),
        env_(std::move(env)) {}

  Result<void> enroll(const std::string& user, std::uint32_t uid, std::vector<Template>& templates,
                      const PasswordHash* password, const UserState& state, UnixTime now);
  Result<void> remove_user(std::string_view name);
  Result<void> for_each_user(std::string_view after, const std::function<bool(const UserSummary&)>& visit) const;
  Result<StoreFigures> figures() const;

  // Runs `use(records, subject)` in a read transaction, `change(records, subject)` in a write transaction.
  template <class Use>
  auto read_user(std::string_view name, Use use) const
      -> decltype(use(std::declval<UserRecords&>(), std::declval<const Subject&>()));
  template <class Change>
  Result<void> write_user(std::string_view name, Change change);

 private:
  struct Page {
    std::vector<UserSummary> users;
    std::string last;
    bool more = false;
    Result<void> end{};  // why the page ends early
  };
  UserRecords records(Txn& txn) const { return {txn, tables_, keyring_, keys_}; }
  Result<void> put_check(Txn& txn) const;
  Result<void> create_tables(std::uint32_t schema);
  Result<void> open_tables();
  Result<void> upgrade(std::uint32_t found, const StoreOptions& options);
  Result<void> mend();
  Result<void> register_user(const std::string& user, std::uint32_t uid,
                             const std::function<Result<void>(UserRecords&, Subject&)>& fill, UnixTime now);
  Result<Page> read_page(std::string_view after) const;

  std::string path_;
  Fd directory_;  // locked (flock); the keyring borrows it
  StoreKeys keys_;
  Keyring keyring_;
  Env env_;
  Tables tables_;
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
Result<void> Store::Impl::write_user(std::string_view name, Change change) {
  return env_.write([&](Txn& txn) -> Result<void> {
    UserRecords all = records(txn);
    auto subject = all.open(name);
    if (!subject) return fail(std::move(subject));
    return change(all, *subject);
  });
}

}  // namespace faceauth
