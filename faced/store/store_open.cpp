// Creating and judging a store. Nothing is written before keyring and meta have been verified.
#include <faced/store/migration.h>
#include <faced/store/store_impl.h>
#include <faced/store/upgrade_from_1.h>

#include <faced/crypto/aead.h>
#include <faced/util/trusted_file.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

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

bool meta_fits(const Meta& meta, const Key& check) {
  return open_sealed_into(check, meta.check, format::check_data(meta.store, meta.generation), {}).has_value();
}

tl::unexpected<Error> wrong_key(const std::string& path) {
  return fail(Errc::wrong_key, "the master key is not the one of the store " + path +
                                   "; nothing was written: put the right key back, or the store that belongs to it");
}

// What judging a store takes.
struct Candidate {
  int directory;
  const std::string& path;
  const Key& master;
  const std::optional<Keyring::File>& file;
  [[nodiscard]] std::string keyring_path() const { return path + "/" + format::kKeyringFile; }
};

Result<Keyring> unlocked(const Candidate& store, const Keyring::File& file) {
  auto keyring = Keyring::unlock(store.directory, store.keyring_path(), store.master, file);
  if (!keyring && keyring.error().code == Errc::wrong_key) return wrong_key(store.path);
  return keyring;
}

Result<KeyringV1> unlocked_v1(const Candidate& store) {
  auto keyring = KeyringV1::unlock(store.keyring_path(), store.master, *store.file);
  if (!keyring && keyring.error().code == Errc::wrong_key) return wrong_key(store.path);
  return keyring;
}

// The keyring of a store without records: the one a creation that was cut off has left, or a new one.
Result<Keyring> keyring_of_new_store(const Candidate& store) {
  const auto holds_users = [&](std::size_t users) {
    return users > 0 ? Result<void>(broken(store.path, "the keyring has users, data.mdb has none")) : Result<void>{};
  };
  if (store.file && store.file->version == 1) {
    const auto old = unlocked_v1(store);
    if (!old) return tl::unexpected<Error>(old.error());
    if (auto none = holds_users(old->size()); !none) return fail(std::move(none));
  } else if (store.file) {
    auto keyring = unlocked(store, *store.file);
    if (!keyring) return keyring;
    if (auto none = holds_users(keyring->size()); !none) return fail(std::move(none));
    return keyring;
  }
  return Keyring::create(store.directory, store.keyring_path(), store.master);
}

// The verdict on data.mdb and keyring together.
Result<void> belong_together(const std::string& path, const Meta& meta, const Key& check, const format::StoreId& id,
                             std::uint64_t generation, std::uint64_t floor) {
  if (meta.store != id) return broken(path, "data.mdb and keyring are of two stores");
  if (!meta_fits(meta, check)) return broken(path, "the meta record of data.mdb was altered");
  if (meta.generation > generation) return broken(path, "the keyring is older than data.mdb");
  if (meta.generation < floor) return broken(path, "data.mdb is older than the keyring");
  return {};
}

Result<Keyring> keyring_of_schema_1(const Candidate& store, Env& env, const Meta& meta) {
  if (store.file->version != 1) return broken(store.path, "data.mdb is of an older schema than its keyring");
  const auto old = unlocked_v1(store);
  if (!old) return tl::unexpected<Error>(old.error());
  if (auto fits = belong_together(store.path, meta, old->check(), old->store(), old->generation(), 0); !fits)
    return fail(std::move(fits));
  return upgrade_from_1(env, store.directory, store.keyring_path(), store.master, *old);
}

// The keyring of a store with records, verified together with meta. Behind a migration from schema 1 that was cut off
// between its two files, the keyring that belongs to data.mdb still lies beside the old one.
Result<Keyring> keyring_of_store(const Candidate& store, Env& env, const Contents& contents) {
  if (!store.file) return broken(store.path, "the keyring is missing");
  if (!contents.meta) return broken(store.path, "data.mdb does not say what it is");
  const Meta& meta = *contents.meta;
  if (meta.schema == 1) return keyring_of_schema_1(store, env, meta);
  const bool unpublished = store.file->version == 1;
  std::optional<Keyring::File> draft;
  if (unpublished) {
    auto read = Keyring::read(store.directory, format::kKeyringDraft, store.path + "/" + format::kKeyringDraft);
    if (!read) return fail(std::move(read));
    draft = std::move(*read);
    if (!draft || draft->version == 1) return broken(store.path, "the keyring is of an older schema than data.mdb");
  }
  auto keyring = unlocked(store, unpublished ? *draft : *store.file);
  if (!keyring) return keyring;
  const StoreKeys keys(keyring->store_key());
  if (auto fits = belong_together(store.path, meta, keys.check, keyring->store(), keyring->generation(),
                                  keyring->floor().generation);
      !fits)
    return fail(std::move(fits));
  if (unpublished)
    if (auto done = keyring->publish(); !done) return fail(std::move(done));
  keyring->raise_floor({.generation = meta.generation});
  return keyring;
}

tl::unexpected<Error> newer_schema(const std::string& path, std::uint32_t schema) {
  return fail(Errc::newer_schema, "the store " + path + " was written by a later version of faceauth (schema " +
                                      std::to_string(schema) + "); nothing was written: use that one");
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
  auto file = Keyring::read(fd, format::kKeyringFile, path + "/" + format::kKeyringFile);
  if (!file) return fail(std::move(file));
  auto data = look_at_data(fd, path);
  if (!data) return fail(std::move(data));

  const Candidate candidate{fd, path, master, *file};
  const auto assemble = [&](Keyring&& keyring, Env&& env) {
    return std::make_unique<Impl>(path, std::move(*directory), std::move(keyring), std::move(env), options);
  };
  if (*data == DataFile::present) {
    auto env = Env::open(path, options.map);
    if (!env) return fail(std::move(env));
    auto found = look_into_data(*env);
    if (!found) return fail(std::move(found));
    if (found->has_meta || found->has_users) {
      if (found->meta && found->meta->schema > options.schema) return newer_schema(path, found->meta->schema);
      auto keyring = keyring_of_store(candidate, *env, *found);
      if (!keyring) return fail(std::move(keyring));
      auto store = assemble(std::move(*keyring), std::move(*env));
      const std::uint32_t schema = std::max(found->meta->schema, std::uint32_t{2});
      if (auto done = store->take_over(master, schema, options); !done) return fail(std::move(done));
      return store;
    }
  }
  auto keyring = keyring_of_new_store(candidate);
  if (!keyring) return fail(std::move(keyring));
  if (*data == DataFile::unfinished && ::unlinkat(fd, format::kDataFile, 0) != 0)
    return system_failure(path, "creating data.mdb");
  auto env = Env::open(path, options.map);
  if (!env) return fail(std::move(env));
  auto store = assemble(std::move(*keyring), std::move(*env));
  if (auto made = store->create_tables(options.schema); !made) return fail(std::move(made));
  return store;
}

}  // namespace faceauth
