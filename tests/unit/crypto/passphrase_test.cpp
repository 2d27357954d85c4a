#include <faced/crypto/passphrase.h>

#include <gtest/gtest.h>

#include <string_view>

namespace faceauth {
namespace {

constexpr PassphraseCost kCheap{.passes = 1, .memory_kib = 64 * 1024};

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Errc code(const Result<Key>& key) { return key ? Errc::ok : key.error().code; }

TEST(Passphrase, TheSameGivesTheSameKeyAndAnythingElseAnother) {
  const PassphraseSalt salt{1, 2, 3};
  PassphraseSalt other_salt = salt;
  other_salt[15] = 1;
  const auto key = key_from_passphrase(bytes("correct horse"), salt, kCheap);
  const auto same = key_from_passphrase(bytes("correct horse"), salt, kCheap);
  const auto other = key_from_passphrase(bytes("correct horsf"), salt, kCheap);
  const auto salted = key_from_passphrase(bytes("correct horse"), other_salt, kCheap);
  const auto dearer = key_from_passphrase(bytes("correct horse"), salt, {.passes = 2, .memory_kib = 64 * 1024});
  ASSERT_TRUE(key && same && other && salted && dearer);
  EXPECT_EQ(**key, **same);
  EXPECT_NE(**key, **other);
  EXPECT_NE(**key, **salted);
  EXPECT_NE(**key, **dearer);
}

TEST(Passphrase, CostsOutOfBoundsAreRefused) {
  EXPECT_TRUE(is_acceptable({}));
  EXPECT_TRUE(is_acceptable(kCheap));
  for (const PassphraseCost& cost : {PassphraseCost{0, 64 * 1024}, PassphraseCost{17, 64 * 1024}, PassphraseCost{1, 8},
                                     PassphraseCost{1, 512 * 1024 + 1}, PassphraseCost{~0U, ~0U}}) {
    EXPECT_FALSE(is_acceptable(cost)) << cost.passes << " " << cost.memory_kib;
    EXPECT_EQ(code(key_from_passphrase(bytes("x"), {}, cost)), Errc::invalid_argument);
  }
  EXPECT_EQ(code(key_from_passphrase({}, {}, kCheap)), Errc::invalid_argument);
}

}  // namespace
}  // namespace faceauth
