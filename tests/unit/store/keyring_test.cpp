#include "store_fixture.h"

#include <faced/store/keyring.h>
#include <faced/util/fd.h>

#include <fcntl.h>

namespace faceauth {
namespace {

using test::code;

class KeyringTest : public testing::Test {
 protected:
  // As Store::open does: the key first, then the rest.
  Result<Keyring> load(const StoreKeys& with) {
    auto file = Keyring::read(directory.get(), path, with);
    if (!file) return fail(std::move(file));
    if (!*file) return fail(Errc::not_found, "no file");
    if (!(*file)->key_fits) return fail(Errc::wrong_key, "key does not fit");
    return Keyring::load(directory.get(), path, with, **file);
  }

  const test::TempDir temp;
  const std::string path = temp / "keyring";
  const Fd directory{::open(temp.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  const StoreKeys keys{test::key_filled(1)};
  const StoreKeys other_keys{test::key_filled(2)};
};

TEST_F(KeyringTest, KeysComeBackAfterReading) {
  auto made = Keyring::create(directory.get(), path, keys);
  ASSERT_TRUE(made) << made.error().message;
  const auto ann = made->add(keys, {"ann", 1000}), bob = made->add(keys, {"bob", 1001});
  ASSERT_TRUE(ann && bob);
  const auto key = made->unwrap(keys, *ann, {"ann", 1000});
  ASSERT_TRUE(key);

  auto read = load(keys);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->size(), 2u);
  EXPECT_EQ(read->store(), made->store());
  EXPECT_EQ(read->generation(), 3u);
  const auto again = read->unwrap(keys, *ann, {"ann", 1000});
  ASSERT_TRUE(again);
  EXPECT_EQ(*again.value(), *key.value());
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(static_cast<std::size_t>(status.st_size), format::kKeyringHeader + 2 * format::kKeyringEntry + sizeof(Mac));
}

TEST_F(KeyringTest, AKeyOpensOnlyForItsOwner) {
  auto ring = Keyring::create(directory.get(), path, keys);
  ASSERT_TRUE(ring);
  const auto id = ring->add(keys, {"ann", 1000});
  ASSERT_TRUE(id);
  EXPECT_TRUE(ring->unwrap(keys, *id, {"ann", 1000}));
  EXPECT_EQ(code(ring->unwrap(keys, *id, {"bob", 1000})), Errc::corrupt);
  EXPECT_EQ(code(ring->unwrap(keys, *id, {"ann", 1001})), Errc::corrupt);
  EXPECT_EQ(code(ring->unwrap(other_keys, *id, {"ann", 1000})), Errc::corrupt);
  EXPECT_EQ(code(ring->unwrap(keys, {}, {"ann", 1000})), Errc::not_found);
}

TEST_F(KeyringTest, RemovingErasesFromTheFile) {
  auto ring = Keyring::create(directory.get(), path, keys);
  ASSERT_TRUE(ring);
  const auto ann = ring->add(keys, {"ann", 1000}), bob = ring->add(keys, {"bob", 1001});
  ASSERT_TRUE(ann && bob);
  const auto holds = [&](const format::KeyId& id) {
    return test::read_file(path).find(std::string(id.begin(), id.end())) != std::string::npos;
  };
  EXPECT_TRUE(holds(*ann));
  ASSERT_TRUE(ring->remove_if(keys, [&](const format::KeyId& id) { return id == *ann; }));
  EXPECT_FALSE(holds(*ann));
  EXPECT_TRUE(holds(*bob));
  EXPECT_EQ(load(keys)->size(), 1u);

  const std::string before = test::read_file(path);
  ASSERT_TRUE(ring->remove_if(keys, [](const format::KeyId&) { return false; }));
  EXPECT_EQ(test::read_file(path), before);
}

TEST_F(KeyringTest, EveryFlippedBitIsNoticed) {
  auto ring = Keyring::create(directory.get(), path, keys);
  ASSERT_TRUE(ring);
  ASSERT_TRUE(ring->add(keys, {"ann", 1000}));
  const std::string good = test::read_file(path);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string altered = good;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
    test::write_file(path, altered);
    ASSERT_FALSE(load(keys)) << "bit " << bit;
  }
  test::write_file(path, good);
  EXPECT_TRUE(load(keys));
}

TEST_F(KeyringTest, EveryOtherLengthIsCorrupt) {
  auto ring = Keyring::create(directory.get(), path, keys);
  ASSERT_TRUE(ring);
  ASSERT_TRUE(ring->add(keys, {"ann", 1000}));
  const std::string good = test::read_file(path);
  for (std::size_t size = 0; size < good.size(); ++size) {
    test::write_file(path, good.substr(0, size));
    ASSERT_EQ(code(load(keys)), Errc::corrupt) << size;
  }
  test::write_file(path, good + 'x');
  EXPECT_EQ(code(load(keys)), Errc::corrupt);
}

TEST_F(KeyringTest, TellsWrongKeyNewerVersionAndAbsence) {
  EXPECT_EQ(code(load(keys)), Errc::not_found);
  ASSERT_TRUE(Keyring::create(directory.get(), path, keys));
  EXPECT_EQ(code(load(other_keys)), Errc::wrong_key);
  std::string newer = test::read_file(path);
  newer[format::kKeyringMagic.size()] = 2;
  test::write_file(path, newer);
  EXPECT_EQ(code(load(keys)), Errc::newer_schema);
}

TEST_F(KeyringTest, AFailedWriteKeepsTheOldFileAndTheOldKeys) {
  auto ring = Keyring::create(directory.get(), path, keys);
  ASSERT_TRUE(ring);
  const auto ann = ring->add(keys, {"ann", 1000});
  ASSERT_TRUE(ann);
  const std::string before = test::read_file(path);
  ASSERT_EQ(::mkdir((temp / "keyring.new").c_str(), 0700), 0);  // the draft cannot be opened for writing
  EXPECT_EQ(code(ring->add(keys, {"bob", 1001})), Errc::io);
  EXPECT_EQ(code(ring->remove_if(keys, [](const format::KeyId&) { return true; })), Errc::io);
  EXPECT_EQ(ring->size(), 1u);
  EXPECT_TRUE(ring->unwrap(keys, *ann, {"ann", 1000}));
  EXPECT_EQ(test::read_file(path), before);
}

}  // namespace
}  // namespace faceauth
