// The databases of an open store: creating, upgrading and mending them.
#include <faced/store/ledger.h>
#include <faced/store/migration.h>
#include <faced/store/store_impl.h>

#include <faced/crypto/aead.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace faceauth {

Result<void> Store::Impl::write(const std::function<Result<void>(Txn&)>& work) {
  reached_ = {};
  auto written = env_.write(work);
  if (written) keyring_.raise_floor(reached_);
  return written;
}

Result<void> Store::Impl::append(Txn& txn, const AuditEvent* event) {
  if (event == nullptr) return {};
  auto next = ledger(txn).append(*event, ledger_entries_);
  if (!next) return fail(std::move(next));
  reached_.ledger = *next;
  return {};
}

// Binds data.mdb to the keyring: an older keyring put beside newer records would look as if users had been removed.
Result<void> Store::Impl::put_check(Txn& txn) {
  const std::uint64_t generation = keyring_.generation();
  reached_.generation = generation;
  format::Blob value(8);
  Writer(value.data(), value.size()).u64(generation);
  const format::Blob sealed = seal(keys_.check, {}, format::check_data(keyring_.store(), generation));
  value.insert(value.end(), sealed.begin(), sealed.end());
  return txn.put(tables_.meta, as_view(format::kMetaCheck), value);
}

namespace {

Result<void> put_schema(Txn& txn, Db meta, std::uint32_t schema) {
  std::array<std::uint8_t, 4> number{};
  Writer(number.data(), number.size()).u32(schema);
  return txn.put(meta, as_view(format::kMetaSchema), number);
}

Result<void> open_all(Txn& txn, Tables& tables, bool create) {
  const std::pair<const char*, Db*> wanted[] = {
      {format::kMeta, &tables.meta},           {format::kUsers, &tables.users},
      {format::kStates, &tables.states},       {format::kPasswords, &tables.passwords},
      {format::kTemplates, &tables.templates}, {format::kLedger, &tables.ledger}};
  for (const auto& [name, db] : wanted) {
    auto opened = txn.open_db(name, create);
    if (!opened) return fail(std::move(opened));
    if (!*opened) return fail(Errc::corrupt, std::string("data.mdb lacks its database ") + name);
    *db = **opened;
  }
  return {};
}

}  // namespace

Result<void> Store::Impl::create_tables(std::uint32_t schema) {
  auto written = write([&](Txn& txn) -> Result<void> {
    if (auto done = open_all(txn, tables_, true); !done) return done;
    if (auto done = put_schema(txn, tables_.meta, schema); !done) return done;
    if (auto done = txn.put(tables_.meta, as_view(format::kMetaStore), keyring_.store()); !done) return done;
    if (auto done = ledger(txn).begin(); !done) return done;
    return put_check(txn);
  });
  if (!written) return written;
  if (::fsync(directory_.get()) != 0)
    return fail(Errc::io, "the store " + path_ + ": creating: " + std::strerror(errno));
  return {};
}

// A full disk must not keep anybody from logging in: what only frees or finishes something waits for the next start.
Result<void> Store::Impl::take_over(const Key& master, std::uint32_t schema, const StoreOptions& options) {
  const auto unless_full = [](Result<void> done) {
    return done || done.error().code == Errc::no_space ? Result<void>{} : done;
  };
  if (auto done = upgrade(schema, options); !done) return done;
  if (auto done = open_tables(); !done) return done;
  if (auto done = unless_full(mend_ledger()); !done) return done;
  const auto whole = is_whole();
  if (!whole) return tl::unexpected<Error>(whole.error());
  if (!*whole)
    if (auto done = unless_full(mend(true)); !done) return done;
  if (keyring_.unlocked_slot() > 0)
    if (auto done = unless_full(keyring_.settle(master)); !done) return done;
  // From here on an older copy of the ledger is noticed.
  return keyring_.floor() == saved_floor_ ? Result<void>{} : unless_full(keyring_.save_floor());
}

Result<void> Store::Impl::open_tables() {
  auto txn = env_.read();
  if (!txn) return fail(std::move(txn));
  if (auto done = open_all(*txn, tables_, false); !done)
    return fail(Errc::corrupt, "the store " + path_ + ": " + done.error().message +
                                   "; nothing was written: put data.mdb and keyring back from one backup");
  return txn->commit();
}

Result<void> Store::Impl::mend_ledger() {
  const std::uint64_t floor = keyring_.floor().ledger;
  {
    auto txn = env_.read();
    if (!txn) return fail(std::move(txn));
    const Ledger present = ledger(*txn);
    const auto fits = present.ends_fit(floor);
    if (!fits) return tl::unexpected<Error>(fits.error());
    if (*fits) {
      const auto head = present.head();
      if (!head) return tl::unexpected<Error>(head.error());
      if (head->next > 1) keyring_.raise_floor({.ledger = head->next});
      return {};
    }
  }
  return write([&](Txn& txn) -> Result<void> {
    Ledger broken = ledger(txn);
    if (auto done = broken.begin_anew(floor, SystemClock().unix_time(), ledger_entries_); !done) return done;
    auto head = broken.head();
    if (!head) return fail(std::move(head));
    reached_.ledger = head->next;
    return {};
  });
}

Result<void> Store::Impl::upgrade(std::uint32_t found, const StoreOptions& options) {
  if (found == options.schema) return {};
  return write([&](Txn& txn) -> Result<void> {
    if (auto done = migrate(txn, found, options.schema, options.migrations); !done) return done;
    auto meta = txn.open_db(format::kMeta, false);
    if (!meta) return fail(std::move(meta));
    if (!*meta) return fail(Errc::corrupt, "a migration dropped the meta records");
    return put_schema(txn, **meta, options.schema);
  });
}

// Whatever a crash cuts off leaves a key more than records, or a record more than keys. So that nobody waits at a start
// for a look at every record of a large store.
Result<bool> Store::Impl::is_whole() const {
  auto txn = env_.read();
  if (!txn) return fail(std::move(txn));
  auto users = txn->count(tables_.users);
  if (!users) return fail(std::move(users));
  return *users == keyring_.size();
}

// Keys without records are those of registrations that a crash cut off, or of users whose records somebody erased who
// had no key to say so. Nothing tells the two apart, nor whose they were. Written first: what is dropped unseen would
// stay so.
Result<void> Store::Impl::note_lost(std::size_t keys) {
  if (keys == 0) return {};
  AuditEvent event;
  event.kind = AuditKind::remove;
  event.outcome = Errc::not_found;
  event.time = SystemClock().unix_time();
  event.skipped = static_cast<std::uint32_t>(keys - 1);
  return write([&](Txn& txn) { return append(txn, &event); });
}

// Ends what a crash cut off. A record whose key is gone is a removal, a key without a record a registration. A record
// that cannot be read proves neither: it stays, and so do all keys, since one of them may be its own. Behind a removal,
// which is in the ledger, the key without a record is the removed user's: it goes whether or not more can be written.
Result<void> Store::Impl::mend(bool at_start) {
  std::vector<std::string> removed;
  std::vector<format::KeyId> in_use;
  bool unreadable = false;
  {
    auto txn = env_.read();
    if (!txn) return fail(std::move(txn));
    const UserRecords all = records(*txn);
    auto cursor = txn->cursor(tables_.users);
    if (!cursor) return fail(std::move(cursor));
    auto more = cursor->seek({});
    for (; more && *more; more = cursor->next()) {
      const auto header = all.header_of(as_text(cursor->key()), cursor->value());
      if (!header)
        unreadable = true;
      else if (keyring_.contains(header->key))
        in_use.push_back(header->key);
      else
        removed.emplace_back(as_text(cursor->key()));
    }
    if (!more) return fail(std::move(more));
  }
  if (!unreadable) {
    if (at_start)
      if (auto noted = note_lost(keyring_.size() - in_use.size()); !noted) return noted;
    std::ranges::sort(in_use);
    auto dropped = keyring_.remove_if([&](const format::KeyId& id) { return !std::ranges::binary_search(in_use, id); });
    if (!dropped) return dropped;
  }
  if (removed.empty()) return {};
  return write([&](Txn& txn) -> Result<void> {
    UserRecords all = records(txn);
    for (const std::string& name : removed) {
      AuditEvent event;
      event.kind = AuditKind::remove;
      event.time = SystemClock().unix_time();
      event.user = name;
      if (auto done = all.erase_all(name); !done) return done;
      if (auto done = append(txn, &event); !done) return done;
    }
    return put_check(txn);
  });
}

}  // namespace faceauth
