// tests/vectors/store-schema1 was written by the first released format's own code: ann and bob, as enroll() makes them.
#include "store_fixture.h"

#include <tests/support/built.h>
#include <filesystem>

namespace faceauth::test {
namespace {

namespace fs = std::filesystem;

class FromSchema1 : public StoreTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir(directory.c_str(), 0700), 0);
    put_back();
  }
  void put_back() const {
    fs::remove(directory + "/keyring.new");
    for (const std::string name : {"data.mdb", "keyring"}) {
      fs::copy_file(built::source("tests/vectors/store-schema1/" + name), directory + "/" + name,
                    fs::copy_options::overwrite_existing);
      ASSERT_EQ(::chmod((directory + "/" + name).c_str(), 0600), 0);
    }
  }
  std::uint32_t schema() {
    const std::string value = RawData(directory).get("meta", "schema");
    return Reader(reinterpret_cast<const std::uint8_t*>(value.data()), value.size()).u32();
  }
  int keyring_version() const { return read_file(keyring_path()).at(6); }
  static bool chain_is_intact(const Store& store) {
    AuditCheck check;
    while (!check.finished)
      if (!store.check_audit(check, 10)) return false;
    return check.intact;
  }
};

TEST_F(FromSchema1, KeepsEverybodyAndWorksOn) {
  ASSERT_EQ(schema(), 1u);
  ASSERT_EQ(keyring_version(), 1);
  {
    Store store = must_open();
    EXPECT_TRUE(is_whole(store, "ann", 1));
    EXPECT_TRUE(is_whole(store, "bob", 2));
    EXPECT_TRUE(chain_is_intact(store));
    enroll(store, "eve", 3);
    ASSERT_TRUE(store.record({}));
  }
  EXPECT_EQ(schema(), format::kSchema);
  EXPECT_EQ(keyring_version(), 2);
  EXPECT_FALSE(fs::exists(directory + "/keyring.new"));
  const Store again = must_open();
  EXPECT_TRUE(is_whole(again, "ann", 1) && is_whole(again, "bob", 2) && is_whole(again, "eve", 3));
  EXPECT_TRUE(chain_is_intact(again));
}

TEST_F(FromSchema1, AWrongKeyChangesNothing) {
  const auto before = snapshot();
  EXPECT_EQ(code(Store::open(directory, key_filled(1), options())), Errc::wrong_key);
  EXPECT_EQ(snapshot(), before);
}

TEST_F(FromSchema1, AFailureLeavesTheOldStore) {
  const auto before = snapshot();
  ASSERT_EQ(::mkdir((directory + "/keyring.new").c_str(), 0700), 0);  // the new keyring cannot be written
  EXPECT_EQ(code(open()), Errc::io);
  EXPECT_EQ(snapshot(), before);
  fs::remove(directory + "/keyring.new");

  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

// Between the transaction and the new keyring's taking the old one's place.
TEST_F(FromSchema1, ACrashBetweenTheTwoFilesIsFinishedAtTheNextStart) {
  const std::string old_keyring = read_file(keyring_path());
  { const Store store = must_open(); }
  fs::copy_file(keyring_path(), directory + "/keyring.new");
  write_file(keyring_path(), old_keyring);
  RawData(directory).put("meta", "schema", std::string("\2\0\0\0", 4));  // the later steps come after this one
  EXPECT_TRUE(is_whole(must_open(), "bob", 2));
  EXPECT_EQ(keyring_version(), 2);
  EXPECT_FALSE(fs::exists(directory + "/keyring.new"));
}

// Before the transaction: a draft that belongs to no data.mdb.
TEST_F(FromSchema1, ADraftOfAnAttemptThatFailedIsReplaced) {
  { const Store store = must_open(); }
  const std::string draft = read_file(keyring_path());
  put_back();
  write_file(directory + "/keyring.new", draft);
  ASSERT_EQ(::chmod((directory + "/keyring.new").c_str(), 0600), 0);
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

TEST_F(FromSchema1, AnOldKeyringBesideNewRecordsIsCorrupt) {
  const std::string old_keyring = read_file(keyring_path());
  { const Store store = must_open(); }
  write_file(keyring_path(), old_keyring);
  EXPECT_EQ(code(open()), Errc::corrupt);
}

TEST_F(FromSchema1, OldRecordsBesideANewKeyringAreCorrupt) {
  const std::string old_data = read_file(data_path());
  { const Store store = must_open(); }
  write_file(data_path(), old_data);
  EXPECT_EQ(code(open()), Errc::corrupt);
}

TEST_F(FromSchema1, ADamagedRecordStopsItAndCostsNobodyHisKey) {
  std::string good;
  {
    RawData raw(directory);
    good = raw.get("users", "ann");
    std::string altered = good;
    altered[14] = static_cast<char>(altered[14] ^ 1);
    raw.put("users", "ann", altered);
  }
  const auto store = open();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().code, Errc::corrupt);
  EXPECT_NE(store.error().message.find("ann"), std::string::npos) << store.error().message;
  EXPECT_EQ(schema(), 1u);
  EXPECT_EQ(keyring_version(), 1);
  RawData(directory).put("users", "ann", good);
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

// The states are of the first format then, as that version wrote them, and are rewritten one by one as people log in.
TEST_F(FromSchema1, TheStepFrom2To3ChangesNothingButTheNumberAndKeepsTheOlderVersionAway) {
  StoreOptions older = options();
  older.schema = 2;
  { ASSERT_TRUE(Store::open(directory, master, older)); }
  ASSERT_EQ(schema(), 2u);
  const auto records = [this] {
    RawData raw(directory);
    return std::vector{raw.all("users"), raw.all("states"), raw.all("passwords"), raw.all("templates")};
  };
  const auto before = records();
  ASSERT_EQ(before[1].at("ann").front(), '\1');
  {
    Store store = must_open();
    EXPECT_TRUE(is_whole(store, "ann", 1) && is_whole(store, "bob", 2));
    EXPECT_TRUE(chain_is_intact(store));
  }
  EXPECT_EQ(schema(), 3u);
  EXPECT_EQ(records(), before);
  const std::string data = read_file(data_path());
  EXPECT_EQ(code(Store::open(directory, master, older)), Errc::newer_schema);
  EXPECT_EQ(read_file(data_path()), data);
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

TEST_F(FromSchema1, ClaimingAnOlderSchemaDoesNotLeadAround) {
  { const Store store = must_open(); }
  RawData(directory).put("meta", "schema", std::string("\1\0\0\0", 4));
  EXPECT_EQ(code(open()), Errc::corrupt);
}

}  // namespace
}  // namespace faceauth::test
