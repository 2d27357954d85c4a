// LMDB with owners for its handles and Result for its codes. One thread at a time; one write transaction at a time.
#pragma once

#include <faced/store/record_format.h>

#include <faceauth/result.h>

#include <lmdb.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace faceauth {

using View = format::View;

[[nodiscard]] inline View as_view(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
[[nodiscard]] inline std::string_view as_text(View view) {
  return {reinterpret_cast<const char*>(view.data()), view.size()};
}

// A database within the environment. Valid as long as the environment, once the transaction that opened it committed.
struct Db {
  MDB_dbi handle = 0;
};

class Cursor;

// Aborted when it goes without a commit. Views it hands out live until its end or its next write.
class Txn {
 public:
  Txn(Txn&& other) noexcept = default;
  Txn& operator=(Txn&&) = delete;
  ~Txn();

  // Nothing when it does not exist and `create` is false.
  [[nodiscard]] Result<std::optional<Db>> open_db(const char* name, bool create);
  [[nodiscard]] Result<std::optional<View>> get(Db db, View key) const;
  [[nodiscard]] Result<void> put(Db db, View key, View value);
  [[nodiscard]] Result<void> erase(Db db, View key);  // also when there is none
  [[nodiscard]] Result<void> clear(Db db);            // all of it
  [[nodiscard]] Result<std::uint64_t> count(Db db) const;
  [[nodiscard]] Result<Cursor> cursor(Db db) const;
  [[nodiscard]] Result<void> commit();

 private:
  friend class Env;
  friend class Cursor;
  struct Abort {
    void operator()(MDB_txn* txn) const noexcept { mdb_txn_abort(txn); }
  };
  Txn(MDB_txn* txn, std::string directory) : txn_(txn), directory_(std::move(directory)) {}
  [[nodiscard]] tl::unexpected<Error> failure(int code, const char* step) const;

  std::unique_ptr<MDB_txn, Abort> txn_;
  std::string directory_;
  mutable bool map_full_ = false;
};

// Walks a database in key order. Ends before its transaction does.
class Cursor {
 public:
  [[nodiscard]] Result<bool> seek(View key);  // at the first record not before `key`; false when there is none
  [[nodiscard]] Result<bool> next();
  [[nodiscard]] Result<bool> last();
  [[nodiscard]] Result<void> erase();  // the present record; next() then gives the one behind it
  [[nodiscard]] View key() const noexcept { return key_; }
  [[nodiscard]] View value() const noexcept { return value_; }

 private:
  friend class Txn;
  struct Close {
    void operator()(MDB_cursor* cursor) const noexcept { mdb_cursor_close(cursor); }
  };
  Cursor(MDB_cursor* cursor, const Txn& txn) : cursor_(cursor), txn_(&txn) {}
  Result<bool> move(View from, MDB_cursor_op op);

  std::unique_ptr<MDB_cursor, Close> cursor_;
  const Txn* txn_;
  View key_, value_;
};

struct MapSize {
  std::size_t start = 64u << 20;
  std::size_t limit = std::size_t{64} << 30;
};

class Env {
 public:
  // Creates data.mdb (0600) when there is none; an existing one is not written to.
  // Errors: corrupt (no LMDB file, or shorter than it should be), no_space, io.
  [[nodiscard]] static Result<Env> open(const std::string& directory, MapSize size);

  [[nodiscard]] Result<Txn> read() const;

  // Grows the map, as far as it may, for so many bytes more: a large transaction that met its end would run again and
  // again. It takes no room on the disk yet.
  [[nodiscard]] Result<void> make_room(std::uint64_t bytes);

  // Runs `work` in one write transaction and commits it, synced. When the map is full, the transaction is dropped, the
  // map doubled and `work` run again: it must not depend on what an earlier run did outside the transaction.
  // On an error nothing of it is stored.
  [[nodiscard]] Result<void> write(const std::function<Result<void>(Txn&)>& work);

 private:
  struct Close {
    void operator()(MDB_env* env) const noexcept { mdb_env_close(env); }
  };
  Env(MDB_env* env, std::string directory, MapSize size) : env_(env), directory_(std::move(directory)), size_(size) {}
  [[nodiscard]] Result<void> check_length() const;
  [[nodiscard]] Result<void> extend_file() const;
  [[nodiscard]] Result<void> grow();
  [[nodiscard]] Result<void> grow_to(std::size_t size);
  [[nodiscard]] std::size_t map_size() const;

  std::unique_ptr<MDB_env, Close> env_;
  std::string directory_;
  MapSize size_;
};

}  // namespace faceauth
