#include <faced/store/lmdb_env.h>

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace faceauth {

namespace {

constexpr unsigned kDatabasesMax = 16;

Errc errc_of(int code) {
  switch (code) {
    case MDB_MAP_FULL:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return Errc::no_space;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_INCOMPATIBLE:
      return Errc::corrupt;
    case MDB_VERSION_MISMATCH:
      return Errc::newer_schema;
    case MDB_BAD_TXN:
    case MDB_BAD_DBI:
    case MDB_BAD_VALSIZE:
    case MDB_DBS_FULL:
    case EINVAL:
      return Errc::internal;
    default:
      return Errc::io;
  }
}

const char* advice(Errc code) {
  switch (code) {
    case Errc::no_space:
      return "; nothing was stored: make room on its file system and try again";
    case Errc::corrupt:
      return "; put data.mdb and keyring back from one backup";
    case Errc::newer_schema:
      return "; it was written by a later version: use that one";
    default:
      return "";
  }
}

// LMDB reports a write cut short by a full disk as EIO.
bool disk_is_full(const std::string& directory) {
  struct statvfs status {};
  return ::statvfs(directory.c_str(), &status) == 0 && (::geteuid() == 0 ? status.f_bfree : status.f_bavail) == 0;
}

tl::unexpected<Error> lmdb_failure(int code, const std::string& directory, const char* step) {
  Errc errc = errc_of(code);
  if (code == EIO && disk_is_full(directory)) errc = Errc::no_space;
  return fail(errc, directory + "/" + format::kDataFile + ": " + step + ": " + mdb_strerror(code) + advice(errc));
}

MDB_val val(View view) { return {view.size(), const_cast<std::uint8_t*>(view.data())}; }
View view(const MDB_val& v) { return {static_cast<const std::uint8_t*>(v.mv_data), v.mv_size}; }

}  // namespace

Txn::~Txn() = default;

tl::unexpected<Error> Txn::failure(int code, const char* step) const {
  if (code == MDB_MAP_FULL) map_full_ = true;
  return lmdb_failure(code, directory_, step);
}

Result<std::optional<Db>> Txn::open_db(const char* name, bool create) {
  Db db;
  const int code = mdb_dbi_open(txn_.get(), name, create ? MDB_CREATE : 0, &db.handle);
  if (code == MDB_NOTFOUND) return std::optional<Db>{};
  if (code != 0) return failure(code, "opening a database");
  return std::optional(db);
}

Result<std::optional<View>> Txn::get(Db db, View key) const {
  MDB_val k = val(key), v{};
  const int code = mdb_get(txn_.get(), db.handle, &k, &v);
  if (code == MDB_NOTFOUND) return std::optional<View>{};
  if (code != 0) return failure(code, "reading");
  return std::optional(view(v));
}

Result<void> Txn::put(Db db, View key, View value) {
  MDB_val k = val(key), v = val(value);
  if (const int code = mdb_put(txn_.get(), db.handle, &k, &v, 0); code != 0) return failure(code, "writing");
  return {};
}

Result<void> Txn::erase(Db db, View key) {
  MDB_val k = val(key);
  const int code = mdb_del(txn_.get(), db.handle, &k, nullptr);
  if (code != 0 && code != MDB_NOTFOUND) return failure(code, "deleting");
  return {};
}

Result<void> Txn::clear(Db db) {
  if (const int code = mdb_drop(txn_.get(), db.handle, 0); code != 0) return failure(code, "deleting");
  return {};
}

Result<std::uint64_t> Txn::count(Db db) const {
  MDB_stat stat{};
  if (const int code = mdb_stat(txn_.get(), db.handle, &stat); code != 0) return failure(code, "reading");
  return stat.ms_entries;
}

Result<Cursor> Txn::cursor(Db db) const {
  MDB_cursor* cursor = nullptr;
  if (const int code = mdb_cursor_open(txn_.get(), db.handle, &cursor); code != 0) return failure(code, "reading");
  return Cursor(cursor, *this);
}

Result<void> Txn::commit() {
  if (const int code = mdb_txn_commit(txn_.release()); code != 0) return failure(code, "writing");
  return {};
}

Result<bool> Cursor::move(View from, MDB_cursor_op op) {
  MDB_val k = val(from), v{};
  const int code = mdb_cursor_get(cursor_.get(), &k, &v, op);
  if (code == MDB_NOTFOUND) return false;
  if (code != 0) return txn_->failure(code, "reading");
  key_ = view(k);
  value_ = view(v);
  return true;
}

// An empty key is none for LMDB; every record lies behind it.
Result<bool> Cursor::seek(View key) { return key.empty() ? move({}, MDB_FIRST) : move(key, MDB_SET_RANGE); }
Result<bool> Cursor::next() { return move({}, MDB_NEXT); }
Result<bool> Cursor::last() { return move({}, MDB_LAST); }

Result<void> Cursor::erase() {
  if (const int code = mdb_cursor_del(cursor_.get(), 0); code != 0) return txn_->failure(code, "deleting");
  return {};
}

Result<Env> Env::open(const std::string& directory, MapSize size) {
  MDB_env* raw = nullptr;
  int code = mdb_env_create(&raw);
  if (code != 0) return lmdb_failure(code, directory, "opening");
  Env env(raw, directory, size);
  code = mdb_env_set_maxdbs(raw, kDatabasesMax);
  if (code == 0) code = mdb_env_set_mapsize(raw, size.start);
  if (code == 0) code = mdb_env_open(raw, directory.c_str(), MDB_NOTLS, 0600);
  if (code != 0) return lmdb_failure(code, directory, "opening");
  if (auto checked = env.check_length(); !checked) return fail(std::move(checked));
  return env;
}

Result<Txn> Env::read() const {
  MDB_txn* txn = nullptr;
  if (const int code = mdb_txn_begin(env_.get(), nullptr, MDB_RDONLY, &txn); code != 0)
    return lmdb_failure(code, directory_, "reading");
  return Txn(txn, directory_);
}

Result<void> Env::write(const std::function<Result<void>(Txn&)>& work) {
  while (true) {
    if (auto extended = extend_file(); !extended) return extended;
    bool map_full = false;
    {
      MDB_txn* raw = nullptr;
      if (const int code = mdb_txn_begin(env_.get(), nullptr, 0, &raw); code != 0)
        return lmdb_failure(code, directory_, "writing");
      Txn txn(raw, directory_);
      Result<void> done = work(txn);
      if (done) done = txn.commit();
      map_full = txn.map_full_;
      if (!map_full) return done;
    }
    if (auto grown = grow(); !grown) return grown;
  }
}

std::size_t Env::map_size() const {
  MDB_envinfo info{};
  mdb_env_info(env_.get(), &info);
  return info.me_mapsize;
}

// Pages behind the end of the file would end the process with SIGBUS when they are read.
Result<void> Env::check_length() const {
  MDB_envinfo info{};
  MDB_stat stat{};
  int fd = -1;
  struct stat status {};
  if (mdb_env_info(env_.get(), &info) != 0 || mdb_env_stat(env_.get(), &stat) != 0 ||
      mdb_env_get_fd(env_.get(), &fd) != 0 || ::fstat(fd, &status) != 0)
    return lmdb_failure(errno, directory_, "opening");
  const std::uint64_t needed = (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
  if (static_cast<std::uint64_t>(status.st_size) < needed)
    return fail(Errc::corrupt, directory_ + "/" + format::kDataFile + " was cut short" + advice(Errc::corrupt));
  return {};
}

// Kept as long as the map (sparse, it takes no room): LMDB may count pages it never wrote, and check_length could not
// tell their absence from a file that was cut.
Result<void> Env::extend_file() const {
  int fd = -1;
  struct stat status {};
  const auto size = static_cast<off_t>(map_size());
  if (mdb_env_get_fd(env_.get(), &fd) != 0 || ::fstat(fd, &status) != 0)
    return lmdb_failure(errno, directory_, "writing");
  if (status.st_size < size && ::ftruncate(fd, size) != 0) return lmdb_failure(errno, directory_, "writing");
  return {};
}

Result<void> Env::grow() {
  const std::size_t now = map_size();
  if (now >= size_.limit) return lmdb_failure(MDB_MAP_FULL, directory_, "writing");
  return grow_to(now > size_.limit / 2 ? size_.limit : now * 2);
}

Result<void> Env::grow_to(std::size_t size) {
  if (const int code = mdb_env_set_mapsize(env_.get(), size); code != 0)
    return lmdb_failure(code, directory_, "growing");
  return {};
}

Result<void> Env::make_room(std::uint64_t bytes) {
  MDB_envinfo info{};
  MDB_stat stat{};
  mdb_env_info(env_.get(), &info);
  mdb_env_stat(env_.get(), &stat);
  const std::uint64_t wanted = (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize + bytes;
  std::size_t next = map_size();
  while (next < wanted && next < size_.limit) next = next > size_.limit / 2 ? size_.limit : next * 2;
  return next == map_size() ? Result<void>{} : grow_to(next);
}

}  // namespace faceauth
