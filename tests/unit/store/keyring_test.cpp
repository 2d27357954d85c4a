#include "store_fixture.h"

#include <faced/crypto/mac.h>
#include <faced/store/keyring.h>
#include <faced/util/fd.h>

#include <fcntl.h>

namespace faceauth {
namespace {

using test::code;

class KeyringTest : public testing::Test {
 protected:
  Result<Keyring> load(const Key& with) {
    auto file = Keyring::read(directory.get(), format::kKeyringFile, path);
    if (!file) return fail(std::move(file));
    if (!*file) return fail(Errc::not_found, "no file");
    return Keyring::unlock(directory.get(), path, with, **file);
  }
  Result<Keyring> create() { return Keyring::create(directory.get(), path, master); }
  static format::KeyId add(Keyring& ring) {
    auto ids = ring.add(1);
    return ids ? ids->front() : format::KeyId{};
  }
  // Both rings unwrap the same key.
  static bool same_key(const Keyring& a, const Keyring& b, const format::KeyId& id) {
    const auto one = a.unwrap(id), two = b.unwrap(id);
    return one && two && *one.value() == *two.value();
  }

  const test::TempDir temp;
  const std::string path = temp / "keyring";
  const Fd directory{::open(temp.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  const Key master = test::key_filled(1), other = test::key_filled(2);
};

TEST_F(KeyringTest, KeysComeBackAfterReading) {
  auto made = create();
  ASSERT_TRUE(made) << made.error().message;
  const auto ann = add(*made), bob = add(*made);
  made->raise_floor({.generation = 7, .ledger = 9});
  ASSERT_TRUE(made->save_floor());

  auto read = load(master);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->size(), 2u);
  EXPECT_EQ(read->store(), made->store());
  EXPECT_EQ(read->generation(), 4u);
  EXPECT_EQ(read->floor(), (Keyring::Floor{7, 9}));
  EXPECT_EQ(*read->store_key(), *made->store_key());
  EXPECT_TRUE(same_key(*made, *read, ann) && same_key(*made, *read, bob));
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(static_cast<std::size_t>(status.st_size), format::keyring_size(1, 2));
}

TEST_F(KeyringTest, AWrappedKeyOpensOnlyUnderItsOwnId) {
  auto ring = create();
  ASSERT_TRUE(ring);
  const auto ann = add(*ring), bob = add(*ring);
  EXPECT_FALSE(*ring->unwrap(ann).value() == *ring->unwrap(bob).value());
  EXPECT_EQ(code(ring->unwrap({})), Errc::not_found);
}

TEST_F(KeyringTest, TheFloorIsNeverLowered) {
  auto ring = create();
  ASSERT_TRUE(ring);
  ring->raise_floor({.generation = 5, .ledger = 9});
  ring->raise_floor({.generation = 4, .ledger = 10});
  EXPECT_EQ(ring->floor(), (Keyring::Floor{5, 10}));
}

TEST_F(KeyringTest, RemovingErasesFromTheFile) {
  auto ring = create();
  ASSERT_TRUE(ring);
  const auto ann = add(*ring), bob = add(*ring);
  const auto holds = [&](const format::KeyId& id) {
    return test::read_file(path).find(std::string(id.begin(), id.end())) != std::string::npos;
  };
  EXPECT_TRUE(holds(ann));
  ASSERT_TRUE(ring->remove_if([&](const format::KeyId& id) { return id == ann; }));
  EXPECT_FALSE(holds(ann));
  EXPECT_TRUE(holds(bob));
  EXPECT_EQ(load(master)->size(), 1u);

  const std::string before = test::read_file(path);
  ASSERT_TRUE(ring->remove_if([](const format::KeyId&) { return false; }));
  EXPECT_EQ(test::read_file(path), before);
}

// As earlier versions wrote them.
TEST_F(KeyringTest, KeysInAnyOrderAreFound) {
  auto made = create();
  ASSERT_TRUE(made);
  const auto ids = made->add(20);
  ASSERT_TRUE(ids);
  std::string file = test::read_file(path);
  const auto key_of = [](const Key& from, format::Purpose purpose) {
    return derive_key(from, static_cast<std::uint64_t>(purpose), format::kContext);
  };
  const format::View all(reinterpret_cast<const std::uint8_t*>(file.data()), file.size());
  const format::View slot = all.subspan(format::kKeyringFront, format::kKeyringSlot);
  Key ring;
  ASSERT_TRUE(open_sealed_into(
      key_of(master, format::Purpose::slot), slot.subspan(16),
      format::associated_data(made->store(), {.kind = format::Kind::keyring_slot, .record = slot.first(16)}),
      ring.bytes()));

  const std::size_t end = file.size() - 2 * sizeof(Mac), begin = end - ids->size() * format::kKeyringEntry;
  std::string turned;
  for (std::size_t at = end; at > begin; at -= format::kKeyringEntry)
    turned += file.substr(at - format::kKeyringEntry, format::kKeyringEntry);
  file.replace(begin, turned.size(), turned);
  const Mac mac = keyed_mac(key_of(ring, format::Purpose::keyring_mac), all.first(end));
  std::copy(mac.begin(), mac.end(), file.begin() + static_cast<std::ptrdiff_t>(end));
  const Mac sum = digest(all.first(end + sizeof(Mac)));
  std::copy(sum.begin(), sum.end(), file.begin() + static_cast<std::ptrdiff_t>(end + sizeof(Mac)));
  test::write_file(path, file);

  const auto read = load(master);
  ASSERT_TRUE(read) << read.error().message;
  for (const format::KeyId& id : *ids) EXPECT_TRUE(same_key(*made, *read, id));
  EXPECT_FALSE(read->contains({}));
}

TEST_F(KeyringTest, EveryFlippedBitIsNoticed) {
  auto ring = create();
  ASSERT_TRUE(ring);
  add(*ring);
  const std::string good = test::read_file(path);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string altered = good;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
    test::write_file(path, altered);
    ASSERT_FALSE(load(master)) << "bit " << bit;
  }
  test::write_file(path, good);
  EXPECT_TRUE(load(master));
}

// Whoever can write the file can also make the digest fit: the MAC must still hold.
TEST_F(KeyringTest, AFittingDigestDoesNotHideAChange) {
  auto ring = create();
  ASSERT_TRUE(ring);
  add(*ring);
  const std::string good = test::read_file(path);
  const std::size_t end = good.size() - sizeof(Mac);
  for (std::size_t at = 8; at < end; ++at) {
    if (at == format::kKeyringFront - 1) continue;  // how many slots: then the length is wrong
    std::string altered = good;
    altered[at] = static_cast<char>(altered[at] ^ 1);
    const Mac sum = digest(format::View(reinterpret_cast<const std::uint8_t*>(altered.data()), end));
    std::copy(sum.begin(), sum.end(), altered.begin() + static_cast<std::ptrdiff_t>(end));
    test::write_file(path, altered);
    ASSERT_FALSE(load(master)) << "byte " << at;
  }
}

TEST_F(KeyringTest, EveryOtherLengthIsCorrupt) {
  auto ring = create();
  ASSERT_TRUE(ring);
  add(*ring);
  const std::string good = test::read_file(path);
  for (std::size_t size = 0; size < good.size(); ++size) {
    test::write_file(path, good.substr(0, size));
    ASSERT_EQ(code(load(master)), Errc::corrupt) << size;
  }
  test::write_file(path, good + 'x');
  EXPECT_EQ(code(load(master)), Errc::corrupt);
}

TEST_F(KeyringTest, TellsWrongKeyNewerVersionAndAbsence) {
  EXPECT_EQ(code(load(master)), Errc::not_found);
  ASSERT_TRUE(create());
  EXPECT_EQ(code(load(other)), Errc::wrong_key);
  std::string newer = test::read_file(path);
  newer[format::kKeyringMagic.size()] = static_cast<char>(format::kKeyringVersion + 1);
  test::write_file(path, newer);
  EXPECT_EQ(code(load(master)), Errc::newer_schema);
}

TEST_F(KeyringTest, AFailedWriteKeepsTheOldFileAndTheOldKeys) {
  auto ring = create();
  ASSERT_TRUE(ring);
  const auto ann = add(*ring);
  const Key key = ring->unwrap(ann).value().clone();
  const std::string before = test::read_file(path);
  ASSERT_EQ(::mkdir((temp / "keyring.new").c_str(), 0700), 0);  // the draft cannot be opened for writing
  EXPECT_EQ(code(ring->add(1)), Errc::io);
  EXPECT_EQ(code(ring->remove_if([](const format::KeyId&) { return true; })), Errc::io);
  EXPECT_EQ(code(ring->add_slot(other)), Errc::io);
  EXPECT_EQ(code(ring->settle(other)), Errc::io);
  EXPECT_EQ(ring->size(), 1u);
  EXPECT_EQ(ring->slots(), 1u);
  EXPECT_EQ(*ring->unwrap(ann).value(), *key);
  EXPECT_EQ(test::read_file(path), before);
}

TEST_F(KeyringTest, WhileTheMasterKeyChangesBothOpenIt) {
  auto ring = create();
  ASSERT_TRUE(ring);
  const auto ann = add(*ring);
  ASSERT_TRUE(ring->add_slot(other));
  ASSERT_TRUE(ring->add_slot(other)) << "again is no second slot";
  EXPECT_EQ(ring->slots(), 2u);
  const auto by_old = load(master), by_new = load(other);
  ASSERT_TRUE(by_old && by_new);
  EXPECT_EQ(by_old->unlocked_slot(), 0u);
  EXPECT_EQ(by_new->unlocked_slot(), 1u);
  EXPECT_TRUE(same_key(*ring, *by_old, ann) && same_key(*ring, *by_new, ann));
  EXPECT_EQ(code(load(test::key_filled(3))), Errc::wrong_key);
}

TEST_F(KeyringTest, SettlingLeavesNothingToTheOldKey) {
  auto ring = create();
  ASSERT_TRUE(ring);
  const auto ann = add(*ring);
  ASSERT_TRUE(ring->add_slot(other));
  const std::string both = test::read_file(path);
  ASSERT_TRUE(ring->settle(other));
  EXPECT_EQ(code(load(master)), Errc::wrong_key);
  auto settled = load(other);
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->slots(), 1u);
  EXPECT_TRUE(same_key(*ring, *settled, ann));

  // The ring key that the old master key opens in an older file unwraps nothing of the present one.
  const auto bob = add(*ring);
  const std::string now = test::read_file(path);
  test::write_file(path, both);
  const auto old = load(master);
  ASSERT_TRUE(old);
  EXPECT_EQ(code(old->unwrap(bob)), Errc::not_found);
  const std::string slots_of_old = both.substr(format::kKeyringFront, format::kKeyringSlot);
  EXPECT_EQ(now.find(slots_of_old), std::string::npos);
}

TEST_F(KeyringTest, ChangesThatAreNeverSettledEndAsBusy) {
  auto ring = create();
  ASSERT_TRUE(ring);
  for (std::uint8_t i = 1; i < format::kKeyringSlotsMax; ++i) ASSERT_TRUE(ring->add_slot(test::key_filled(100 + i)));
  EXPECT_EQ(code(ring->add_slot(test::key_filled(99))), Errc::busy);
  EXPECT_TRUE(load(master)) << "the first is still good";
}

}  // namespace
}  // namespace faceauth
