#include "vectors.h"

#include <faced/crypto/password.h>

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>

namespace faceauth {
namespace {

constexpr PasswordCost kCheap{.passes = 1, .memory = 8u << 10};

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

PasswordHash hash_of(std::string_view text) {
  PasswordHash hash;
  std::memcpy(hash->data(), text.data(), std::min(text.size(), hash->size()));
  return hash;
}

TEST(Password, KnownAnswer) {
  auto values = test::read_vectors("argon2id.txt");
  const PasswordHash hash = hash_of(values.at("hash"));
  EXPECT_TRUE(password_matches(hash, bytes(values.at("password"))));
  EXPECT_FALSE(password_matches(hash, bytes("Password")));
}

TEST(Password, RefusesAChangedHash) {
  const auto hash = hash_password(bytes("correct horse"), kCheap);
  ASSERT_TRUE(hash);
  const std::size_t end = std::strlen(hash.value()->data());
  for (std::size_t at = 0; at < end; ++at) {
    PasswordHash altered = hash->clone();
    (*altered)[at] = (*altered)[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(password_matches(altered, bytes("correct horse"))) << "position " << at;
  }
}

TEST(Password, MatchesOnlyTheSamePassword) {
  const auto hash = hash_password(bytes("correct horse"), kCheap);
  ASSERT_TRUE(hash);
  EXPECT_TRUE(password_matches(*hash, bytes("correct horse")));
  for (const char* wrong : {"", "correct horsf", "correct hors", "correct horse ", "Correct horse"})
    EXPECT_FALSE(password_matches(*hash, bytes(wrong))) << wrong;
}

// UBSan sees what libsodium is given; a password that nobody typed is a span of nothing.
TEST(Password, NoneIsNoPointerForLibsodium) {
  const auto hash = hash_password(bytes("correct horse"), kCheap), none = hash_password({}, kCheap);
  ASSERT_TRUE(hash && none);
  EXPECT_FALSE(password_matches(*hash, {}));
  EXPECT_TRUE(password_matches(*none, bytes("")));
}

TEST(Password, TakesEmptyLongAndBinaryPasswords) {
  const std::string longest(511, 'x');
  const std::string_view with_zero("a\0b", 3);
  for (const std::string_view password : {std::string_view(""), std::string_view(longest), with_zero}) {
    const auto hash = hash_password(bytes(password), kCheap);
    ASSERT_TRUE(hash);
    EXPECT_TRUE(password_matches(*hash, bytes(password)));
    EXPECT_FALSE(password_matches(*hash, bytes("a")));
  }
}

TEST(Password, SaltsEveryHash) {
  const auto a = hash_password(bytes("same"), kCheap), b = hash_password(bytes("same"), kCheap);
  ASSERT_TRUE(a && b);
  EXPECT_STRNE(a.value()->data(), b.value()->data());
}

TEST(Password, DefaultCostIsSixtyFourMebibytesThreePassesOneLane) {
  const auto hash = hash_password(bytes("x"));
  ASSERT_TRUE(hash);
  EXPECT_TRUE(std::string_view(hash.value()->data()).starts_with("$argon2id$v=19$m=65536,t=3,p=1$"))
      << hash.value()->data();
  EXPECT_FALSE(password_hash_is_weaker(*hash));
}

TEST(Password, ImpossibleCostIsAnError) {
  const auto hash = hash_password(bytes("x"), {.passes = 1, .memory = 1});
  ASSERT_FALSE(hash);
  EXPECT_EQ(hash.error().code, Errc::internal);
}

TEST(Password, WeakerByPassesMemoryVersionOrForm) {
  struct Case {
    const char* hash;
    bool weaker;
  };
  const Case cases[] = {
      {"$argon2id$v=19$m=65536,t=3,p=1$salt$hash", false},
      {"$argon2id$v=19$m=65537,t=3,p=1$salt$hash", false},
      {"$argon2id$v=19$m=65536,t=4,p=1$salt$hash", false},
      {"$argon2id$v=19$m=65535,t=3,p=1$salt$hash", true},
      {"$argon2id$v=19$m=65536,t=2,p=1$salt$hash", true},
      {"$argon2id$v=16$m=65536,t=3,p=1$salt$hash", true},
      {"$argon2i$v=19$m=65536,t=3,p=1$salt$hash", true},
      {"$argon2id$v=19$t=3,m=65536,p=1$salt$hash", true},
      {"$argon2id$v=19$m=,t=3,p=1$salt$hash", true},
      {"", true},
      {"$6$rounds=5000$salt$hash", true},
  };
  for (const Case& c : cases) EXPECT_EQ(password_hash_is_weaker(hash_of(c.hash)), c.weaker) << c.hash;
}

TEST(Password, AHashFromElsewhereMustBeBearable) {
  const std::pair<const char*, bool> cases[] = {
      {"$argon2id$v=19$m=65536,t=3,p=1$salt$hash", true},
      {"$argon2id$v=19$m=524288,t=16,p=1$salt$hash", true},
      {"$argon2id$v=19$m=524289,t=3,p=1$salt$hash", false},
      {"$argon2id$v=19$m=65536,t=17,p=1$salt$hash", false},
      {"$argon2id$v=19$m=65536,t=4294967295,p=1$salt$hash", false},
      {"$argon2id$v=19$m=65536,t=3,p=4$salt$hash", false},
      {"$argon2id$v=19$t=3,m=65536,p=1$salt$hash", false},
      {"$argon2id$", false},
      {"no hash: never looked at", true},
  };
  for (const auto& [hash, bearable] : cases) EXPECT_EQ(password_hash_is_bearable(hash_of(hash)), bearable) << hash;
  EXPECT_TRUE(password_hash_is_bearable(*hash_password(bytes("x"))));
}

TEST(Password, AHashThatIsNoHashMatchesNothing) {
  PasswordHash unterminated;
  unterminated->fill('$');
  EXPECT_FALSE(password_matches(unterminated, bytes("")));
  EXPECT_TRUE(password_hash_is_weaker(unterminated));
  EXPECT_FALSE(password_matches(PasswordHash{}, bytes("")));
  EXPECT_FALSE(password_matches(hash_of("$argon2id$v=19$m=65536,t=3,p=1$"), bytes("")));
}

}  // namespace
}  // namespace faceauth
