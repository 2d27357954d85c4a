#include <faced/store/upgrade_from_1.h>

#include <faced/crypto/aead.h>
#include <faced/crypto/mac.h>
#include <faced/store/ledger.h>
#include <faced/store/record_format.h>
#include <faced/store/store_keys.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <vector>

namespace faceauth {

namespace {

using format::Blob;

struct Front {
  std::string name;
  format::UserHeader header;
};

Blob front_data(const format::StoreId& store, const Front& user) {
  return format::associated_data(store, {.kind = format::Kind::user_header,
                                         .user = user.name,
                                         .uid = user.header.uid,
                                         .record = format::encode(user.header)});
}

std::optional<Front> read_front(std::string_view name, View record, const KeyringV1& old) {
  if (!format::is_user_name(name) || record.size() != format::kUserSize) return std::nullopt;
  const auto header = format::decode_header(record.first(format::kHeaderSize));
  if (!header) return std::nullopt;
  Front front{std::string(name), *header};
  const View mac = record.subspan(format::kHeaderSize, sizeof(Mac));
  if (!mac_matches(old.header(), front_data(old.store(), front), mac)) return std::nullopt;
  return front;
}

Result<std::vector<Front>> read_fronts(Txn& txn, Db users, const KeyringV1& old) {
  auto cursor = txn.cursor(users);
  if (!cursor) return fail(std::move(cursor));
  std::vector<Front> all;
  auto more = cursor->seek({});
  for (; more && *more; more = cursor->next()) {
    auto front = read_front(as_text(cursor->key()), cursor->value(), old);
    if (!front)
      return fail(Errc::corrupt, "the record of user " + format::printable(as_text(cursor->key())) +
                                     " is damaged, so the store cannot be brought to this version's format: put it "
                                     "back from a backup, or remove him with the version that wrote it");
    all.push_back(std::move(*front));
  }
  if (!more) return fail(std::move(more));
  return all;
}

Result<std::vector<Front>> read_fronts(const Env& env, const KeyringV1& old) {
  auto txn = env.read();
  if (!txn) return fail(std::move(txn));
  auto users = txn->open_db(format::kUsers, false);
  if (!users) return fail(std::move(users));
  if (!*users) return fail(Errc::corrupt, "data.mdb lacks its database users");
  return read_fronts(*txn, **users, old);
}

Result<void> rewrite_mac(Txn& txn, Db users, const Front& user, const format::StoreId& store, const Key& header) {
  auto record = txn.get(users, as_view(user.name));
  if (!record) return fail(std::move(record));
  if (!*record || (*record)->size() != format::kUserSize) return fail(Errc::corrupt, "a record changed meanwhile");
  Blob copy((*record)->begin(), (*record)->end());
  const Mac mac = keyed_mac(header, front_data(store, user));
  std::copy(mac.begin(), mac.end(), copy.begin() + format::kHeaderSize);
  return txn.put(users, as_view(user.name), copy);
}

Result<void> rewrite(Txn& txn, const std::vector<Front>& users, const Keyring& keyring) {
  const StoreKeys keys(keyring.store_key());
  std::optional<Db> tables[3];
  const char* const names[] = {format::kMeta, format::kUsers, format::kLedger};
  for (std::size_t i = 0; i < std::size(names); ++i) {
    auto db = txn.open_db(names[i], true);
    if (!db) return fail(std::move(db));
    tables[i] = *db;
  }
  const auto& [meta, people, entries] = tables;
  for (const Front& user : users)
    if (auto done = rewrite_mac(txn, *people, user, keyring.store(), keys.header); !done) return done;

  Blob check(8);
  Writer(check.data(), check.size()).u64(keyring.generation());
  const Blob sealed = seal(keys.check, {}, format::check_data(keyring.store(), keyring.generation()));
  check.insert(check.end(), sealed.begin(), sealed.end());
  if (auto done = txn.put(*meta, as_view(format::kMetaCheck), check); !done) return done;
  std::array<std::uint8_t, 4> schema{};
  Writer(schema.data(), schema.size()).u32(2);
  if (auto done = txn.put(*meta, as_view(format::kMetaSchema), schema); !done) return done;
  return Ledger(txn, *meta, *entries, keys, keyring.store()).begin();
}

}  // namespace

Result<Keyring> upgrade_from_1(Env& env, int directory, const std::string& keyring_path, const Key& master,
                               const KeyringV1& old) {
  const auto users = read_fronts(env, old);
  if (!users) return tl::unexpected<Error>(users.error());
  Keyring keyring = Keyring::successor(directory, keyring_path, master, old.store(), old.generation() + 1);
  for (const Front& user : *users) {
    if (!old.contains(user.header.key)) continue;  // a removal that was cut off; mending ends it
    const auto key = old.unwrap(user.header.key, user.name, user.header.uid);
    if (!key) return fail(Errc::corrupt, "the key of user " + format::printable(user.name) + " does not open");
    keyring.adopt(user.header.key, *key);
  }
  if (auto written = keyring.write_draft(); !written) return fail(std::move(written));
  // The draft stays also on an error: a commit that reports one may have reached the disk, and then needs it.
  auto rewritten = env.write([&](Txn& txn) { return rewrite(txn, *users, keyring); });
  if (!rewritten) return fail_in("migrating the store from schema 1", rewritten.error());
  if (auto done = keyring.publish(); !done) return fail(std::move(done));
  return keyring;
}

}  // namespace faceauth
