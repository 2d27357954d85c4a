#include "vectors.h"

#include <faced/crypto/aead.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace faceauth {
namespace {

using test::Bytes8;

Key key_of(const Bytes8& bytes) {
  Key key;
  std::ranges::copy(bytes, key->begin());
  return key;
}

Bytes8 plain_of(const SecretBytes& secret) { return {secret.bytes().begin(), secret.bytes().end()}; }

class AeadVector : public testing::Test {
 protected:
  void SetUp() override {
    auto values = test::read_vectors("xchacha20_poly1305.txt");
    key = key_of(test::unhex(values.at("key")));
    aad = test::unhex(values.at("aad"));
    plain = test::unhex(values.at("plain"));
    for (const char* part : {"nonce", "cipher", "tag"})
      std::ranges::copy(test::unhex(values.at(part)), std::back_inserter(sealed));
  }
  Key key;
  Bytes8 aad, plain, sealed;
};

TEST_F(AeadVector, Opens) {
  const auto opened = open_sealed(key, sealed, aad);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(plain_of(*opened), plain);
  Bytes8 out(plain.size());
  ASSERT_TRUE(open_sealed_into(key, sealed, aad, out));
  EXPECT_EQ(out, plain);
}

TEST_F(AeadVector, RefusesEveryFlippedBitOfSealedData) {
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes8 altered = sealed;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    Bytes8 out(plain.size(), 0xaa);
    const auto opened = open_sealed_into(key, altered, aad, out);
    ASSERT_FALSE(opened) << "bit " << bit;
    ASSERT_EQ(opened.error().code, Errc::corrupt);
    ASSERT_TRUE(std::ranges::all_of(out, [](std::uint8_t b) { return b == 0; })) << "bit " << bit;
  }
}

TEST_F(AeadVector, RefusesEveryFlippedBitOfAssociatedDataAndKey) {
  for (std::size_t bit = 0; bit < aad.size() * 8; ++bit) {
    Bytes8 altered = aad;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    ASSERT_FALSE(open_sealed(key, sealed, altered)) << "bit " << bit;
  }
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Key altered = key.clone();
    (*altered)[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    ASSERT_FALSE(open_sealed(altered, sealed, aad)) << "bit " << bit;
  }
}

TEST_F(AeadVector, RefusesEveryOtherLength) {
  for (std::size_t size = 0; size < sealed.size(); ++size)
    ASSERT_FALSE(open_sealed(key, std::span(sealed).first(size), aad)) << size;
  Bytes8 longer = sealed;
  longer.push_back(0);
  EXPECT_FALSE(open_sealed(key, longer, aad));
  EXPECT_FALSE(open_sealed(key, sealed, std::span(aad).first(aad.size() - 1)));
  EXPECT_FALSE(open_sealed(key, sealed, {}));
  Bytes8 wrong_size(plain.size() + 1);
  EXPECT_FALSE(open_sealed_into(key, sealed, aad, wrong_size));
}

TEST_F(AeadVector, SealOpensAndNeverRepeats) {
  std::set<Bytes8> nonces;
  for (int i = 0; i < 100; ++i) {
    const Bytes8 fresh = seal(key, plain, aad);
    ASSERT_EQ(fresh.size(), plain.size() + kSealOverhead);
    nonces.insert({fresh.begin(), fresh.begin() + 24});
    const auto opened = open_sealed(key, fresh, aad);
    ASSERT_TRUE(opened);
    ASSERT_EQ(plain_of(*opened), plain);
  }
  EXPECT_EQ(nonces.size(), 100u);
}

TEST(Aead, SealsNothingToATagThatStillBinds) {
  const Key key = random_key();
  const Bytes8 aad{1, 2, 3}, other{1, 2, 4};
  const Bytes8 sealed = seal(key, {}, aad);
  EXPECT_TRUE(open_sealed(key, sealed, aad));
  EXPECT_TRUE(open_sealed_into(key, sealed, aad, {}));
  EXPECT_FALSE(open_sealed_into(key, sealed, other, {}));
}

TEST(DeriveKey, MatchesKnownAnswers) {
  auto values = test::read_vectors("blake2b.txt");
  const Key from = key_of(test::unhex(values.at("key")));
  for (std::uint64_t id = 0; id < 3; ++id) {
    const Key key = derive_key(from, id, "KDF test");
    EXPECT_EQ(Bytes8(key->begin(), key->end()), test::unhex(values.at("kdf_" + std::to_string(id))));
  }
}

TEST(DeriveKey, DiffersByPurposeNumberAndParent) {
  const Key from = random_key(), other = random_key();
  const Key key = derive_key(from, 1, "purposeA");
  EXPECT_EQ(*key, *derive_key(from, 1, "purposeA"));
  EXPECT_NE(*key, *derive_key(from, 2, "purposeA"));
  EXPECT_NE(*key, *derive_key(from, 1, "purposeB"));
  EXPECT_NE(*key, *derive_key(other, 1, "purposeA"));
}

}  // namespace
}  // namespace faceauth
