// A store in a private directory, people to put into it, and a raw way into data.mdb behind its back.
#pragma once

#include <faced/crypto/aead.h>
#include <faced/store/migration.h>
#include <faced/store/record_format.h>
#include <faced/store/store.h>
#include <tests/unit/support/temp_dir.h>

#include <gtest/gtest.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth::test {

inline constexpr UnixTime kNow{std::chrono::seconds{1'700'000'000}};

inline Key key_filled(std::uint8_t byte) {
  Key key;
  key->fill(byte);
  return key;
}

inline Template make_template(std::uint32_t seed, const std::string& label = "desk") {
  Template entry;
  std::mt19937 random(seed);
  for (auto& byte : entry.info.id) byte = static_cast<std::uint8_t>(random());
  entry.info.label = label;
  entry.info.source = "photo";
  entry.info.dlib_model = "dlib_resnet:0123456789abcdef";
  entry.info.feature_model = "fr_feature:fedcba9876543210";
  entry.info.created = kNow + std::chrono::seconds{seed};
  std::uniform_real_distribution<float> values(-1, 1);
  for (float& v : entry.encodings->dlib) v = values(random);
  for (float& v : entry.encodings->feature) v = values(random);
  return entry;
}

inline std::vector<Template> make_templates(std::uint32_t seed, std::size_t count) {
  std::vector<Template> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(make_template(seed * 100 + static_cast<std::uint32_t>(i)));
  return all;
}

// The store takes any text as a hash; a real one would cost a tenth of a second each.
inline PasswordHash make_hash(std::string_view text) {
  PasswordHash hash;
  std::memcpy(hash->data(), text.data(), std::min(text.size(), hash->size() - 1));
  return hash;
}

inline UserState make_state(std::uint32_t seed) {
  UserState state;
  state.face_failures = seed;
  state.face_locked_until = kNow + std::chrono::seconds{seed};
  state.face_disabled = seed % 2 == 1;
  state.password_failures = seed + 7;
  state.strong_auth_at = kNow;
  state.strong_auth_boot.fill(static_cast<std::uint8_t>(seed));
  return state;
}

inline bool same(const Template& a, const Template& b) {
  return a.info.id == b.info.id && a.info.label == b.info.label && a.info.source == b.info.source &&
         a.info.dlib_model == b.info.dlib_model && a.info.feature_model == b.info.feature_model &&
         a.info.created == b.info.created && std::ranges::equal(a.encodings.bytes(), b.encodings.bytes());
}

template <class T>
Errc code(const Result<T>& result) {
  return result ? Errc::ok : result.error().code;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Keeps the mode; the store's files are 0600 and stay so.
inline void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

// data.mdb opened by LMDB alone. Not while a Store has it open.
class RawData {
 public:
  using Records = std::map<std::string, std::string>;

  explicit RawData(const std::string& directory) {
    EXPECT_EQ(mdb_env_create(&env_), 0);
    EXPECT_EQ(mdb_env_set_maxdbs(env_, 16), 0);
    EXPECT_EQ(mdb_env_open(env_, directory.c_str(), 0, 0600), 0);
  }
  ~RawData() { mdb_env_close(env_); }
  RawData(const RawData&) = delete;
  RawData& operator=(const RawData&) = delete;

  Records all(const char* database) {
    Records records;
    change(database, [&](MDB_txn* txn, MDB_dbi db) {
      MDB_cursor* cursor = nullptr;
      EXPECT_EQ(mdb_cursor_open(txn, db, &cursor), 0);
      MDB_val k{}, v{};
      while (mdb_cursor_get(cursor, &k, &v, MDB_NEXT) == 0) records[text(k)] = text(v);
      mdb_cursor_close(cursor);
    });
    return records;
  }
  std::string get(const char* database, const std::string& key) { return all(database).at(key); }
  void put(const char* database, const std::string& key, const std::string& value) {
    change(database, [&](MDB_txn* txn, MDB_dbi db) {
      MDB_val k = val(key), v = val(value);
      EXPECT_EQ(mdb_put(txn, db, &k, &v, 0), 0);
    });
  }
  void erase(const char* database, const std::string& key) {
    change(database, [&](MDB_txn* txn, MDB_dbi db) {
      MDB_val k = val(key);
      EXPECT_EQ(mdb_del(txn, db, &k, nullptr), 0);
    });
  }
  MDB_stat stat(const char* database) {
    MDB_stat stat{};
    change(database, [&](MDB_txn* txn, MDB_dbi db) { EXPECT_EQ(mdb_stat(txn, db, &stat), 0); });
    return stat;
  }

 private:
  static std::string text(const MDB_val& v) { return {static_cast<const char*>(v.mv_data), v.mv_size}; }
  static MDB_val val(const std::string& s) { return {s.size(), const_cast<char*>(s.data())}; }
  void change(const char* database, const std::function<void(MDB_txn*, MDB_dbi)>& work) {
    MDB_txn* txn = nullptr;
    MDB_dbi db = 0;
    ASSERT_EQ(mdb_txn_begin(env_, nullptr, 0, &txn), 0);
    ASSERT_EQ(mdb_dbi_open(txn, database, MDB_CREATE, &db), 0);
    work(txn, db);
    ASSERT_EQ(mdb_txn_commit(txn), 0);
  }
  MDB_env* env_ = nullptr;
};

// Directories in memory where there are such: the tests sync thousands of times, and a power cut is not among them.
inline const bool kInMemory = ::access("/dev/shm", W_OK) == 0 && ::setenv("TMPDIR", "/dev/shm", 0) == 0;

class StoreTest : public testing::Test {
 protected:
  // Small, so that a whole data.mdb is quickly read and compared.
  static StoreOptions options() {
    StoreOptions options;
    options.map = {.start = 1u << 20, .limit = 64u << 20};
    return options;
  }
  Result<Store> open() { return Store::open(directory, master, options()); }
  Store must_open() {
    auto store = open();
    if (!store) throw std::runtime_error(store.error().message);
    return std::move(*store);
  }
  static void enroll(Store& store, const std::string& name, std::uint32_t seed, std::size_t templates = 3) {
    const PasswordHash hash = make_hash("hash of " + name);
    const auto done = store.enroll(name, 1000 + seed, make_templates(seed, templates), &hash, make_state(seed), kNow);
    ASSERT_TRUE(done) << done.error().message;
  }
  // True when the user is wholly there and as enroll() made him.
  static bool is_whole(const Store& store, const std::string& name, std::uint32_t seed, std::size_t templates = 3) {
    const auto user = store.user(name);
    const auto hash = store.password(name);
    const auto stored = store.templates(name);
    if (!user || !hash || !*hash || !stored) return false;
    return user->name == name && user->uid == 1000 + seed && user->created == kNow && user->has_password &&
           user->state == make_state(seed) && user->templates.size() == templates &&
           std::string_view((*hash).value()->data()) == "hash of " + name &&
           std::ranges::equal(*stored, make_templates(seed, templates), same);
  }
  // Nothing opens of him.
  static bool is_closed(const Store& store, const std::string& name, Errc expected) {
    return code(store.user(name)) == expected && code(store.templates(name)) == expected &&
           code(store.password(name)) == expected;
  }
  std::string data_path() const { return directory + "/data.mdb"; }
  std::string keyring_path() const { return directory + "/keyring"; }
  std::map<std::string, std::string> snapshot() const {
    return {{"data", read_file(data_path())}, {"keyring", read_file(keyring_path())}};
  }

  const TempDir temp;
  const std::string directory = temp / "store";
  const Key master = key_filled(0x42);
};

}  // namespace faceauth::test
