#include "store_fixture.h"

#include <filesystem>

namespace faceauth::test {
namespace {

constexpr std::uint32_t kBase = format::kSchema;

Result<void> note(Txn& txn, const char* key) {
  auto db = txn.open_db("notes", true);
  if (!db) return fail(std::move(db));
  return txn.put(**db, as_view(key), as_view("done"));
}
Result<void> first(Txn& txn) { return note(txn, "first"); }
Result<void> second(Txn& txn) {
  auto notes = txn.open_db("notes", false);
  if (!notes || !*notes) return fail(Errc::internal, "the first step has not run");
  return note(txn, "second");
}
Result<void> failing(Txn& txn) {
  if (auto done = note(txn, "half"); !done) return done;
  return fail(Errc::corrupt, "this step fails");
}
Result<void> large(Txn& txn) {
  auto db = txn.open_db("notes", true);
  if (!db) return fail(std::move(db));
  return txn.put(**db, as_view("large"), format::Blob(3u << 20));
}

class Migrations : public StoreTest {
 protected:
  void SetUp() override {
    Store store = must_open();
    enroll(store, "ann", 1);
  }
  Result<Store> open_as(std::uint32_t schema, std::span<const Migration> migrations) {
    StoreOptions with = options();
    with.schema = schema;
    with.migrations = migrations;
    return Store::open(directory, master, with);
  }
  std::uint32_t schema() {
    RawData raw(directory);
    const std::string value = raw.get("meta", "schema");
    return Reader(reinterpret_cast<const std::uint8_t*>(value.data()), value.size()).u32();
  }
};

TEST_F(Migrations, RunInOrderAndKeepTheUsers) {
  const Migration steps[] = {{kBase + 1, second}, {kBase, first}};
  {
    auto store = open_as(kBase + 2, steps);
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_TRUE(is_whole(*store, "ann", 1));
    enroll(*store, "bob", 2);
  }
  EXPECT_EQ(schema(), kBase + 2);
  {
    RawData raw(directory);
    EXPECT_EQ(raw.all("notes").size(), 2u);
  }
  auto again = open_as(kBase + 2, {});
  ASSERT_TRUE(again) << "nothing is left to migrate";
  EXPECT_TRUE(is_whole(*again, "bob", 2));
}

TEST_F(Migrations, AFailingStepLeavesTheOldStore) {
  const Migration steps[] = {{kBase, first}, {kBase + 1, failing}};
  const auto before = snapshot();
  EXPECT_EQ(code(open_as(kBase + 2, steps)), Errc::corrupt);
  EXPECT_EQ(snapshot(), before);
  EXPECT_EQ(schema(), kBase);
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

TEST_F(Migrations, AMissingStepIsAnErrorThatChangesNothing) {
  const Migration steps[] = {{kBase, first}};
  const auto before = snapshot();
  EXPECT_EQ(code(open_as(kBase + 2, steps)), Errc::unsupported);
  EXPECT_EQ(snapshot(), before);
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

TEST_F(Migrations, AStepThatFillsTheMapRunsAgainInALargerOne) {
  const Migration steps[] = {{kBase, large}};
  auto store = open_as(kBase + 1, steps);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_TRUE(is_whole(*store, "ann", 1));
}

TEST_F(Migrations, ANewerStoreIsRefusedUntouched) {
  const Migration steps[] = {{kBase, first}};
  { ASSERT_TRUE(open_as(kBase + 1, steps)); }
  const auto before = snapshot();
  const auto store = open();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::newer_schema);
  EXPECT_EQ(snapshot(), before);
  const auto reopened = open_as(kBase + 1, steps);
  ASSERT_TRUE(reopened);
  EXPECT_TRUE(is_whole(*reopened, "ann", 1));
}

TEST_F(Migrations, NoneRunsUnderAWrongKey) {
  const Migration steps[] = {{kBase, first}};
  const auto before = snapshot();
  StoreOptions with = options();
  with.schema = kBase + 1;
  with.migrations = steps;
  EXPECT_EQ(code(Store::open(directory, key_filled(9), with)), Errc::wrong_key);
  EXPECT_EQ(snapshot(), before);
}

}  // namespace
}  // namespace faceauth::test
