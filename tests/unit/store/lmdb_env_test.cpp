#include "store_fixture.h"

#include <faced/store/lmdb_env.h>

namespace faceauth {
namespace {

using test::code;

class EnvTest : public testing::Test {
 protected:
  static constexpr MapSize kSmall{.start = 256u << 10, .limit = 4u << 20};

  static Result<void> put(Txn& txn, const std::string& key, std::size_t size) {
    auto db = txn.open_db("db", true);
    if (!db) return fail(std::move(db));
    return txn.put(**db, as_view(key), format::Blob(size, 'x'));
  }
  static std::uint64_t count(const Env& env) {
    auto txn = env.read();
    auto db = txn->open_db("db", false);
    return db && *db ? *txn->count(**db) : 0;
  }

  const test::TempDir temp;
};

TEST_F(EnvTest, StoresReadsAndWalksInOrder) {
  auto env = Env::open(temp.path(), kSmall);
  ASSERT_TRUE(env) << env.error().message;
  Db db;
  ASSERT_TRUE(env->write([&](Txn& txn) -> Result<void> {
    db = **txn.open_db("db", true);
    for (const char* key : {"c", "a", "b"})
      if (auto done = txn.put(db, as_view(key), as_view(key)); !done) return done;
    return {};
  }));
  auto txn = env->read();
  ASSERT_TRUE(txn);
  EXPECT_EQ(as_text(**txn->get(db, as_view("b"))), "b");
  EXPECT_FALSE(*txn->get(db, as_view("d")));
  auto cursor = txn->cursor(db);
  ASSERT_TRUE(cursor);
  std::string keys;
  for (auto more = cursor->seek(as_view("b")); *more; more = cursor->next()) keys += as_text(cursor->key());
  EXPECT_EQ(keys, "bc");
  EXPECT_FALSE(*txn->open_db("other", false));
}

TEST_F(EnvTest, AFailedTransactionStoresNothing) {
  auto env = Env::open(temp.path(), kSmall);
  ASSERT_TRUE(env);
  const auto done = env->write([](Txn& txn) -> Result<void> {
    if (auto put_one = put(txn, "a", 10); !put_one) return put_one;
    return fail(Errc::cancelled, "no");
  });
  EXPECT_EQ(code(done), Errc::cancelled);
  EXPECT_EQ(count(*env), 0u);
}

TEST_F(EnvTest, TheMapGrowsAndTheTransactionRunsAgain) {
  auto env = Env::open(temp.path(), kSmall);
  ASSERT_TRUE(env);
  int runs = 0;
  const auto done = env->write([&](Txn& txn) {
    ++runs;
    return put(txn, "big", 1u << 20);
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_GT(runs, 1);
  EXPECT_EQ(count(*env), 1u);
}

TEST_F(EnvTest, WithRoomMadeBeforeItRunsOnceAndNoRoomIsMadeBeyondTheLimit) {
  auto env = Env::open(temp.path(), kSmall);
  ASSERT_TRUE(env);
  ASSERT_TRUE(env->make_room(2u << 20));
  int runs = 0;
  ASSERT_TRUE(env->write([&](Txn& txn) {
    ++runs;
    return put(txn, "big", 1u << 20);
  }));
  EXPECT_EQ(runs, 1);
  ASSERT_TRUE(env->make_room(std::uint64_t{1} << 40));
  EXPECT_EQ(code(env->write([](Txn& txn) { return put(txn, "too big", 8u << 20); })), Errc::no_space);
  EXPECT_EQ(count(*env), 1u);
}

TEST_F(EnvTest, AtItsLimitTheMapIsFullAndNothingIsStored) {
  auto env = Env::open(temp.path(), kSmall);
  ASSERT_TRUE(env);
  ASSERT_TRUE(env->write([](Txn& txn) { return put(txn, "small", 10); }));
  EXPECT_EQ(code(env->write([](Txn& txn) -> Result<void> {
              if (auto done = put(txn, "another", 10); !done) return done;
              return put(txn, "big", 8u << 20);
            })),
            Errc::no_space);
  EXPECT_EQ(count(*env), 1u);
  EXPECT_TRUE(env->write([](Txn& txn) { return put(txn, "small2", 10); }));
  EXPECT_EQ(count(*env), 2u);
}

TEST_F(EnvTest, AGrownFileOpensWithASmallerMap) {
  {
    auto env = Env::open(temp.path(), kSmall);
    ASSERT_TRUE(env->write([&](Txn& txn) { return put(txn, "big", 2u << 20); }));
  }
  auto env = Env::open(temp.path(), kSmall);
  ASSERT_TRUE(env);
  EXPECT_EQ(count(*env), 1u);
  EXPECT_TRUE(env->write([&](Txn& txn) { return put(txn, "more", 100'000); }));
}

TEST_F(EnvTest, ACutOrForeignFileIsCorrupt) {
  {
    auto env = Env::open(temp.path(), kSmall);
    ASSERT_TRUE(env->write([&](Txn& txn) { return put(txn, "big", 100'000); }));
  }
  const std::string path = temp / "data.mdb", whole = test::read_file(path);
  for (const std::size_t size : {std::size_t{8192}, std::size_t{65536}}) {
    test::write_file(path, whole.substr(0, size));
    EXPECT_EQ(code(Env::open(temp.path(), kSmall)), Errc::corrupt) << size;
    EXPECT_EQ(test::read_file(path), whole.substr(0, size));
  }
  test::write_file(path, std::string(20'000, 'z'));
  EXPECT_EQ(code(Env::open(temp.path(), kSmall)), Errc::corrupt);
  test::write_file(path, whole);
  EXPECT_TRUE(Env::open(temp.path(), kSmall));
}

TEST_F(EnvTest, OpeningAndReadingChangeNoByte) {
  {
    auto env = Env::open(temp.path(), kSmall);
    ASSERT_TRUE(env->write([&](Txn& txn) { return put(txn, "a", 100); }));
  }
  const std::string before = test::read_file(temp / "data.mdb");
  {
    auto env = Env::open(temp.path(), kSmall);
    ASSERT_TRUE(env);
    EXPECT_EQ(count(*env), 1u);
  }
  EXPECT_EQ(test::read_file(temp / "data.mdb"), before);
}

}  // namespace
}  // namespace faceauth
