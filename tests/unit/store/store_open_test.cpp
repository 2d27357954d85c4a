#include "store_fixture.h"

#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

namespace faceauth::test {
namespace {

namespace fs = std::filesystem;

class Opening : public StoreTest {
 protected:
  // Two users, closed again.
  void fill() {
    Store store = must_open();
    enroll(store, "ann", 1);
    enroll(store, "bob", 2);
  }
};

TEST_F(Opening, IsEmptyUntilThereIsDataOrAKeyring) {
  EXPECT_TRUE(Store::is_empty(directory).value_or(false));
  { const Store store = must_open(); }
  EXPECT_FALSE(Store::is_empty(directory).value_or(true));
  fs::rename(keyring_path(), directory + "/away");
  EXPECT_FALSE(Store::is_empty(directory).value_or(true));
  fs::remove(data_path());
  EXPECT_TRUE(Store::is_empty(directory).value_or(false));
  fs::rename(directory + "/away", keyring_path());
  EXPECT_FALSE(Store::is_empty(directory).value_or(true));
}

TEST_F(Opening, RefusesADirectoryThatOthersCanEnter) {
  ASSERT_EQ(::mkdir(directory.c_str(), 0700), 0);
  for (const mode_t mode : {0750u, 0701u, 0777u}) {
    ASSERT_EQ(::chmod(directory.c_str(), mode), 0);
    EXPECT_EQ(code(open()), Errc::unsafe_path) << mode;
  }
  EXPECT_TRUE(fs::is_empty(directory));
  ASSERT_EQ(::chmod(directory.c_str(), 0700), 0);
  EXPECT_TRUE(open());
}

TEST_F(Opening, ASecondOpenerIsBusyInThisProcessAndInAnother) {
  const Store store = must_open();
  EXPECT_EQ(code(open()), Errc::busy);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(code(open()) == Errc::busy ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST_F(Opening, TheLockGoesWithTheStore) {
  { const Store store = must_open(); }
  EXPECT_TRUE(open());
}

TEST_F(Opening, AWrongKeyIsToldAndNothingChanges) {
  fill();
  const auto before = snapshot();
  for (const std::uint8_t byte : std::array<std::uint8_t, 3>{0x00, 0x41, 0x43}) {
    const auto store = Store::open(directory, key_filled(byte), options());
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Errc::wrong_key);
  }
  EXPECT_EQ(snapshot(), before);
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

TEST_F(Opening, AWrongKeyOnAStoreWithoutUsersIsToldToo) {
  { const Store store = must_open(); }
  EXPECT_EQ(code(Store::open(directory, key_filled(1), options())), Errc::wrong_key);
}

TEST_F(Opening, RecordsWithoutKeyringAreCorruptAndStay) {
  fill();
  const std::string keyring = read_file(keyring_path());
  fs::remove(keyring_path());
  const std::string data = read_file(data_path());
  EXPECT_EQ(code(open()), Errc::corrupt);
  EXPECT_EQ(read_file(data_path()), data);
  EXPECT_FALSE(fs::exists(keyring_path()));
  write_file(keyring_path(), keyring);
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

TEST_F(Opening, AKeyringWithUsersButNoRecordsIsCorruptAndStays) {
  fill();
  const std::string data = read_file(data_path()), keyring = read_file(keyring_path());
  fs::remove(data_path());
  EXPECT_EQ(code(open()), Errc::corrupt);
  EXPECT_FALSE(fs::exists(data_path()));
  write_file(data_path(), "");
  EXPECT_EQ(code(open()), Errc::corrupt);
  EXPECT_EQ(fs::file_size(data_path()), 0u);
  EXPECT_EQ(read_file(keyring_path()), keyring);
  write_file(data_path(), data);
  EXPECT_TRUE(is_whole(must_open(), "bob", 2));
}

TEST_F(Opening, AnAlteredKeyringIsCorruptNeverAWrongKeyAndNeverNoUsers) {
  fill();
  const auto before = snapshot();
  const std::string& good = before.at("keyring");
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string altered = good;
    altered[at] = static_cast<char>(altered[at] ^ 0x10);
    write_file(keyring_path(), altered);
    const Errc seen = code(open());
    // Byte 6 holds the version: a higher one was written by a later faceauth.
    ASSERT_TRUE(seen == Errc::corrupt || (seen == Errc::newer_schema && (at == 6 || at == 7))) << at;
  }
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, good.size() / 2, good.size() - 1}) {
    write_file(keyring_path(), good.substr(0, size));
    EXPECT_EQ(code(open()), Errc::corrupt) << size;
  }
  EXPECT_EQ(read_file(data_path()), before.at("data"));
  write_file(keyring_path(), good);
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

TEST_F(Opening, AnOlderKeyringIsCorruptAndCostsNobodyHisRecords) {
  fill();
  const std::string older = read_file(keyring_path());
  {
    Store store = must_open();
    enroll(store, "eve", 3);
  }
  const auto now = snapshot();
  write_file(keyring_path(), older);
  EXPECT_EQ(code(open()), Errc::corrupt);
  EXPECT_EQ(read_file(data_path()), now.at("data"));
  write_file(keyring_path(), now.at("keyring"));
  EXPECT_TRUE(is_whole(must_open(), "eve", 3));
}

// A data.mdb of before the last but one registration or removal: it would bring back counters, passwords and templates.
TEST_F(Opening, OlderRecordsBesideThePresentKeyringAreCorruptAndCostNobodyHisKey) {
  fill();
  const std::string older = read_file(data_path());
  {
    Store store = must_open();
    ASSERT_TRUE(store.remove_user("bob"));
    enroll(store, "eve", 3);
  }
  const auto now = snapshot();
  write_file(data_path(), older);
  EXPECT_EQ(code(open()), Errc::corrupt);
  EXPECT_EQ(read_file(keyring_path()), now.at("keyring"));
  write_file(data_path(), now.at("data"));
  EXPECT_TRUE(is_whole(must_open(), "eve", 3));
}

// What nothing here can notice, so that nobody believes it can: both files of one earlier moment.
TEST_F(Opening, BothFilesOfAnEarlierMomentOpen) {
  fill();
  const auto earlier = snapshot();
  {
    Store store = must_open();
    ASSERT_TRUE(store.remove_user("bob"));
  }
  write_file(data_path(), earlier.at("data"));
  write_file(keyring_path(), earlier.at("keyring"));
  EXPECT_TRUE(is_whole(must_open(), "bob", 2));
}

TEST_F(Opening, TheKeyringOfAnotherStoreIsCorrupt) {
  fill();
  const std::string other = temp / "other";
  {
    auto store = Store::open(other, master, options());
    ASSERT_TRUE(store);
    for (std::uint32_t i = 0; i < 5; ++i) enroll(*store, "user" + std::to_string(i), i);
  }
  const std::string data = read_file(data_path());
  fs::copy_file(other + "/keyring", keyring_path(), fs::copy_options::overwrite_existing);
  EXPECT_EQ(code(open()), Errc::corrupt);
  EXPECT_EQ(read_file(data_path()), data);
}

TEST_F(Opening, AlteredMetaRecordsAreCorrupt) {
  fill();
  const std::string good = read_file(data_path());
  for (const char* key : {"schema", "store", "check"}) {
    for (const bool erase : {true, false}) {
      write_file(data_path(), good);
      {
        RawData raw(directory);
        std::string value = raw.get("meta", key);
        if (erase) {
          raw.erase("meta", key);
        } else {
          value.back() = static_cast<char>(value.back() ^ 1);
          raw.put("meta", key, value);
        }
      }
      const std::string altered = read_file(data_path());
      const Errc seen = code(open());
      EXPECT_TRUE(seen == Errc::corrupt || (seen == Errc::newer_schema && std::string(key) == "schema" && !erase))
          << key << (erase ? " erased" : " altered");
      EXPECT_EQ(read_file(data_path()), altered);
    }
  }
  write_file(data_path(), good);
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

TEST_F(Opening, ACutDataFileIsCorruptAndStays) {
  fill();
  const std::string good = read_file(data_path());
  for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, std::size_t{8192}, std::size_t{40'000}}) {
    write_file(data_path(), good.substr(0, size));
    EXPECT_EQ(code(open()), Errc::corrupt) << size;
    EXPECT_EQ(fs::file_size(data_path()), size);
  }
  write_file(data_path(), std::string(50'000, 'q'));
  EXPECT_EQ(code(open()), Errc::corrupt);
  write_file(data_path(), good);
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

// What a creation leaves that was cut off after its first, second, ... step.
TEST_F(Opening, AnUnfinishedCreationIsFinished) {
  const auto works_from_here = [&](const char* step) {
    {
      auto store = open();
      ASSERT_TRUE(store) << step << ": " << store.error().message;
      enroll(*store, "ann", 1);
    }
    EXPECT_TRUE(is_whole(must_open(), "ann", 1)) << step;
    fs::remove_all(directory);
  };
  const auto fresh_keyring = [&] {
    { const Store store = must_open(); }
    fs::remove(data_path());
    fs::remove(directory + "/lock.mdb");
  };
  ASSERT_EQ(::mkdir(directory.c_str(), 0700), 0);
  works_from_here("directory");

  fresh_keyring();
  works_from_here("keyring");

  fresh_keyring();
  write_file(data_path(), "");
  works_from_here("empty data.mdb");

  fresh_keyring();
  write_file(data_path(), std::string(4096, '\0'));
  works_from_here("half of data.mdb's first pages");

  fresh_keyring();
  ASSERT_TRUE(Env::open(directory, {}));
  works_from_here("data.mdb without databases");

  ASSERT_EQ(::mkdir(directory.c_str(), 0700), 0);
  ASSERT_TRUE(Env::open(directory, {}));
  works_from_here("data.mdb without keyring and without databases");

  fresh_keyring();
  write_file(directory + "/keyring.new", "half a draft");
  works_from_here("draft of a keyring");
}

// The keyring is written first: a crash behind it leaves a key without records.
TEST_F(Opening, ARegistrationCutOffLeavesNothing) {
  fill();
  const std::string before = read_file(data_path());
  const std::size_t keyring_size = fs::file_size(keyring_path());
  {
    Store store = must_open();
    enroll(store, "eve", 3);
  }
  write_file(data_path(), before);
  {
    Store store = must_open();
    EXPECT_TRUE(is_closed(store, "eve", Errc::not_found));
    EXPECT_TRUE(is_whole(store, "ann", 1));
    EXPECT_TRUE(is_whole(store, "bob", 2));
    EXPECT_EQ(fs::file_size(keyring_path()), keyring_size);
    enroll(store, "eve", 4);
  }
  EXPECT_TRUE(is_whole(must_open(), "eve", 4));
}

// Who can write data.mdb needs no key to remove somebody, but does not do it unseen.
TEST_F(Opening, UsersWhoseRecordsWereErasedLeaveAnEntry) {
  fill();
  {
    Store store = must_open();
    enroll(store, "eve", 3);
  }
  {
    RawData raw(directory);
    for (const char* database : {"users", "states", "passwords"})
      for (const char* user : {"ann", "eve"}) raw.erase(database, user);
  }
  for (int start = 0; start < 2; ++start) {
    const Store store = must_open();
    EXPECT_TRUE(is_closed(store, "ann", Errc::not_found));
    EXPECT_TRUE(is_whole(store, "bob", 2));
    const auto page = store.audit(0, 100);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->entries.size(), 1u) << "one for all, and no second one at the next start";
    const AuditEvent& event = page->entries.front().event;
    EXPECT_EQ(event.kind, AuditKind::remove);
    EXPECT_EQ(event.outcome, Errc::not_found);
    EXPECT_EQ(event.peer_uid, ~0U) << "the daemon's own";
    EXPECT_EQ(event.user, "");
    EXPECT_EQ(event.skipped, 1u) << "two users";
  }
}

// Crypto-erase, and a removal cut off behind the keyring: both are older records beside the present keyring.
TEST_F(Opening, ARemovedUserNeverOpensFromOlderRecords) {
  fill();
  const std::string before = read_file(data_path());
  {
    Store store = must_open();
    ASSERT_TRUE(store.remove_user("ann"));
  }
  write_file(data_path(), before);
  {
    RawData raw(directory);
    ASSERT_TRUE(raw.all("users").contains("ann"));
  }
  {
    const Store store = must_open();
    EXPECT_TRUE(is_closed(store, "ann", Errc::not_found));
    EXPECT_TRUE(is_whole(store, "bob", 2));
    EXPECT_EQ(store.figures()->templates, 3u) << "her dead records were cleared away";
  }
  RawData raw(directory);
  for (const char* database : {"users", "states", "passwords"}) EXPECT_FALSE(raw.all(database).contains("ann"));
}

// One flipped bit in the clear part must not look like a removal.
TEST_F(Opening, ADamagedRecordCostsNobodyHisKey) {
  fill();
  std::string good;
  {
    RawData raw(directory);
    good = raw.get("users", "ann");
    std::string altered = good;
    altered[14] = static_cast<char>(altered[14] ^ 1);  // in the key id
    raw.put("users", "ann", altered);
  }
  {
    Store store = must_open();
    EXPECT_TRUE(is_closed(store, "ann", Errc::corrupt));
    EXPECT_TRUE(is_whole(store, "bob", 2));
  }
  {
    RawData raw(directory);
    raw.put("users", "ann", good);
  }
  EXPECT_TRUE(is_whole(must_open(), "ann", 1));
}

TEST_F(Opening, ADamagedUserCanBeRemovedWithHisKey) {
  fill();
  {
    RawData raw(directory);
    raw.put("users", "ann", "garbage");
  }
  const std::size_t two = fs::file_size(keyring_path());
  {
    Store store = must_open();
    EXPECT_EQ(code(store.enroll("ann", 1001, {}, nullptr, {}, kNow)), Errc::corrupt);
    AuditEvent removal;
    removal.kind = AuditKind::remove;
    removal.user = "ann";
    EXPECT_TRUE(store.remove_user("ann", &removal));
    EXPECT_TRUE(is_closed(store, "ann", Errc::not_found));
    EXPECT_EQ(fs::file_size(keyring_path()), two - format::kKeyringEntry);
    const auto page = store.audit(0, 100);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->entries.size(), 1u) << "his removal, and no word of records that somebody erased";
    EXPECT_EQ(page->entries.front().event.user, "ann");
    enroll(store, "ann", 5);
    EXPECT_TRUE(is_whole(store, "ann", 5));
  }
  EXPECT_TRUE(is_whole(must_open(), "bob", 2));
}

}  // namespace
}  // namespace faceauth::test
