// Creating, judging, upgrading and mending a store. Nothing is written before keyring and meta have been verified.
#include <faced/store/migration.h>
#include <faced/store/store_impl.h>

#include <faced/crypto/aead.h>
#include <faced/util/trusted_file.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

namespace faceauth {

namespace {

tl::unexpected<Error> system_failure(const std::string& path, const char* step) {
  const int error = errno;
  return fail(error == ENOSPC || error == EDQUOT ? Errc::no_space : Errc::io,
              "the store " + path + ": " + step + ": " + std::strerror(error));
}

tl::unexpected<Error> broken(const std::string& path, const std::string& why) {
  return fail(Errc::corrupt, "the store " + path + ": " + why +
                                 "; nothing was written: put data.mdb and keyring back from one backup");
}

std::string parent_of(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0) return errno == EEXIST ? Result<void>{} : system_failure(path, "creating");
  auto parent = open_trusted_directory(parent_of(path));
  if (!parent) return fail(std::move(parent));
  if (::fsync(parent->get()) != 0) return system_failure(path, "creating");
  return {};
}

Result<Fd> lock_directory(const std::string& path) {
  if (auto made = make_directory(path); !made) return fail(std::move(made));
  auto directory = open_trusted_directory(path);
  if (!directory) return directory;
  struct stat status {};
  if (::fstat(directory->get(), &status) != 0) return system_failure(path, "opening");
  if ((status.st_mode & 077) != 0)
    return fail(Errc::unsafe_path, "the store " + path + " is open to others: chmod 0700 " + path);
  if (::flock(directory->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_failure(path, "locking");
    return fail(Errc::busy, "the store " + path + " is in use by another process: stop it first");
  }
  return directory;
}

enum class DataFile { absent, unfinished, present };

// LMDB begins a file with two pages in one write; a shorter file is a creation that was cut off.
Result<DataFile> look_at_data(int directory, const std::string& path) {
  struct stat status {};
  if (::fstatat(directory, format::kDataFile, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == ENOENT) return DataFile::absent;
    return system_failure(path, "opening data.mdb");
  }
  if (!S_ISREG(status.st_mode)) return broken(path, "data.mdb is no regular file");
  return status.st_size < 2 * ::sysconf(_SC_PAGESIZE) ? DataFile::unfinished : DataFile::present;
}

// What data.mdb says of itself, before any of it is believed.
struct Meta {
  std::uint32_t schema = 0;
  format::StoreId store{};
  std::uint64_t generation = 0;
  std::array<std::uint8_t, kSealOverhead> check{};
};

struct Contents {
  bool has_users = false;
  bool has_meta = false;
  std::optional<Meta> meta;  // nothing when the meta records are not whole
};

Result<std::optional<View>> get_if_there(Txn& txn, const char* database, std::string_view key) {
  auto db = txn.open_db(database, false);
  if (!db) return fail(std::move(db));
  if (!*db) return std::optional<View>{};
  return txn.get(**db, as_view(key));
}

Result<Contents> look_into_data(const Env& env) {
  auto txn = env.read();
  if (!txn) return fail(std::move(txn));
  Contents contents;
  auto users = txn->open_db(format::kUsers, false);
  if (!users) return fail(std::move(users));
  if (*users) {
    auto count = txn->count(**users);
    if (!count) return fail(std::move(count));
    contents.has_users = *count > 0;
  }
  auto schema = get_if_there(*txn, format::kMeta, format::kMetaSchema);
  auto store = get_if_there(*txn, format::kMeta, format::kMetaStore);
  auto check = get_if_there(*txn, format::kMeta, format::kMetaCheck);
  for (auto* part : {&schema, &store, &check})
    if (!*part) return fail(std::move(*part));
  contents.has_meta = *schema || *store || *check;
  if (!*schema) return contents;

  Meta meta;
  Reader number((*schema)->data(), (*schema)->size());
  meta.schema = number.u32();
  if (!number.complete()) return contents;
  if (*store && *check) {
    Reader id((*store)->data(), (*store)->size());
    id.raw(meta.store.data(), meta.store.size());
    Reader r((*check)->data(), (*check)->size());
    meta.generation = r.u64();
    r.raw(meta.check.data(), meta.check.size());
    if (!id.complete() || !r.complete()) meta.check = {};
  }
  contents.meta = meta;
  return contents;
}

format::Blob meta_data(const format::StoreId& store, std::uint64_t generation) {
  std::array<std::uint8_t, 8> number{};
  Writer(number.data(), number.size()).u64(generation);
  return format::associated_data(store, {.kind = format::Kind::meta_check, .record = number});
}

bool meta_fits(const Meta& meta, const StoreKeys& keys) {
  return open_sealed_into(keys.check, meta.check, meta_data(meta.store, meta.generation), {}).has_value();
}

tl::unexpected<Error> wrong_key(const std::string& path) {
  return fail(Errc::wrong_key, "the master key is not the one of the store " + path +
                                   "; nothing was written: put the right key back, or the store that belongs to it");
}

// The keyring of a store without records: the one a creation that was cut off has left, or a new one.
Result<Keyring> keyring_of_new_store(int directory, const std::string& path, const StoreKeys& keys,
                                     const std::optional<Keyring::File>& file) {
  const std::string keyring_path = path + "/" + format::kKeyringFile;
  if (!file) return Keyring::create(directory, keyring_path, keys);
  if (!file->key_fits) return wrong_key(path);
  auto keyring = Keyring::load(directory, keyring_path, keys, *file);
  if (keyring && keyring->size() > 0) return broken(path, "the keyring has users, data.mdb has none");
  return keyring;
}

// The keyring of a store with records, verified together with meta.
Result<Keyring> keyring_of_store(int directory, const std::string& path, const StoreKeys& keys,
                                 const std::optional<Keyring::File>& file, const Contents& contents) {
  if (!file) return broken(path, "the keyring is missing");
  if (!contents.meta) return broken(path, "data.mdb does not say what it is");
  const bool fits = meta_fits(*contents.meta, keys);
  if (!file->key_fits) {
    if (fits) return broken(path, "the keyring was altered");
    return wrong_key(path);
  }
  auto keyring = Keyring::load(directory, path + "/" + format::kKeyringFile, keys, *file);
  if (!keyring) return keyring;
  if (!fits) return broken(path, "the meta record of data.mdb was altered");
  if (contents.meta->store != keyring->store()) return broken(path, "data.mdb and keyring are of two stores");
  if (contents.meta->generation > keyring->generation()) return broken(path, "the keyring is older than data.mdb");
  return keyring;
}

}  // namespace

Result<bool> Store::is_empty(const std::string& directory) {
  auto opened = open_trusted_directory(directory);
  if (!opened) {
    if (opened.error().code == Errc::not_found) return true;
    return fail(std::move(opened));
  }
  for (const char* name : {format::kDataFile, format::kKeyringFile}) {
    struct stat status {};
    if (::fstatat(opened->get(), name, &status, AT_SYMLINK_NOFOLLOW) == 0) return false;
    if (errno != ENOENT) return system_failure(directory, "reading");
  }
  return true;
}

Result<std::unique_ptr<Store::Impl>> Store::Impl::open(const std::string& path, const Key& master,
                                                       const StoreOptions& options) {
  auto directory = lock_directory(path);
  if (!directory) return fail(std::move(directory));
  const int fd = directory->get();
  StoreKeys keys(master);
  auto file = Keyring::read(fd, path + "/" + format::kKeyringFile, keys);
  if (!file) return fail(std::move(file));
  auto data = look_at_data(fd, path);
  if (!data) return fail(std::move(data));

  const auto assemble = [&](Keyring&& keyring, Env&& env) {
    return std::make_unique<Impl>(path, std::move(*directory), std::move(keys), std::move(keyring), std::move(env));
  };
  if (*data != DataFile::present) {
    auto keyring = keyring_of_new_store(fd, path, keys, *file);
    if (!keyring) return fail(std::move(keyring));
    if (*data == DataFile::unfinished && ::unlinkat(fd, format::kDataFile, 0) != 0)
      return system_failure(path, "creating data.mdb");
    auto env = Env::open(path, options.map);
    if (!env) return fail(std::move(env));
    auto store = assemble(std::move(*keyring), std::move(*env));
    if (auto made = store->create_tables(options.schema); !made) return fail(std::move(made));
    return store;
  }

  auto env = Env::open(path, options.map);
  if (!env) return fail(std::move(env));
  auto contents = look_into_data(*env);
  if (!contents) return fail(std::move(contents));
  if (!contents->has_meta && !contents->has_users) {
    auto keyring = keyring_of_new_store(fd, path, keys, *file);
    if (!keyring) return fail(std::move(keyring));
    auto store = assemble(std::move(*keyring), std::move(*env));
    if (auto made = store->create_tables(options.schema); !made) return fail(std::move(made));
    return store;
  }
  if (contents->meta && contents->meta->schema > options.schema)
    return fail(Errc::newer_schema, "the store " + path + " was written by a later version of faceauth (schema " +
                                        std::to_string(contents->meta->schema) +
                                        "); nothing was written: use that one");
  auto keyring = keyring_of_store(fd, path, keys, *file, *contents);
  if (!keyring) return fail(std::move(keyring));
  auto store = assemble(std::move(*keyring), std::move(*env));
  if (auto done = store->upgrade(contents->meta->schema, options); !done) return fail(std::move(done));
  if (auto done = store->open_tables(); !done) return fail(std::move(done));
  // Mending frees what is dead; a full disk must not keep the living from logging in.
  if (auto done = store->mend(); !done && done.error().code != Errc::no_space) return fail(std::move(done));
  return store;
}

// Binds data.mdb to the keyring: an older keyring put beside newer records would look as if users had been removed.
Result<void> Store::Impl::put_check(Txn& txn) const {
  const std::uint64_t generation = keyring_.generation();
  format::Blob value(8);
  Writer(value.data(), value.size()).u64(generation);
  const format::Blob sealed = seal(keys_.check, {}, meta_data(keyring_.store(), generation));
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
  const std::pair<const char*, Db*> wanted[] = {{format::kMeta, &tables.meta},
                                                {format::kUsers, &tables.users},
                                                {format::kStates, &tables.states},
                                                {format::kPasswords, &tables.passwords},
                                                {format::kTemplates, &tables.templates}};
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
  auto written = env_.write([&](Txn& txn) -> Result<void> {
    if (auto done = open_all(txn, tables_, true); !done) return done;
    if (auto done = put_schema(txn, tables_.meta, schema); !done) return done;
    if (auto done = txn.put(tables_.meta, as_view(format::kMetaStore), keyring_.store()); !done) return done;
    return put_check(txn);
  });
  if (!written) return written;
  if (::fsync(directory_.get()) != 0) return system_failure(path_, "creating");
  return {};
}

Result<void> Store::Impl::open_tables() {
  auto txn = env_.read();
  if (!txn) return fail(std::move(txn));
  if (auto done = open_all(*txn, tables_, false); !done) return broken(path_, done.error().message);
  return txn->commit();
}

Result<void> Store::Impl::upgrade(std::uint32_t found, const StoreOptions& options) {
  if (found == options.schema) return {};
  return env_.write([&](Txn& txn) -> Result<void> {
    if (auto done = migrate(txn, found, options.schema, options.migrations); !done) return done;
    auto meta = txn.open_db(format::kMeta, false);
    if (!meta) return fail(std::move(meta));
    if (!*meta) return fail(Errc::corrupt, "a migration dropped the meta records");
    return put_schema(txn, **meta, options.schema);
  });
}

// Ends what a crash cut off. A record whose key is gone is a removal, a key without a record a registration. A record
// that cannot be read proves neither: it stays, and so do all keys, since one of them may be its own.
Result<void> Store::Impl::mend() {
  std::vector<std::string> removed;
  std::set<format::KeyId> in_use;
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
        in_use.insert(header->key);
      else
        removed.emplace_back(as_text(cursor->key()));
    }
    if (!more) return fail(std::move(more));
  }
  if (!unreadable) {
    auto dropped = keyring_.remove_if(keys_, [&](const format::KeyId& id) { return !in_use.contains(id); });
    if (!dropped) return dropped;
  }
  if (removed.empty()) return {};
  return env_.write([&](Txn& txn) -> Result<void> {
    UserRecords all = records(txn);
    for (const std::string& name : removed)
      if (auto done = all.erase_all(name); !done) return done;
    return put_check(txn);
  });
}

}  // namespace faceauth
