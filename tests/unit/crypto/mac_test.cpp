#include "vectors.h"

#include <faced/crypto/mac.h>

#include <gtest/gtest.h>

#include <algorithm>

namespace faceauth {
namespace {

class MacVector : public testing::Test {
 protected:
  void SetUp() override {
    auto values = test::read_vectors("blake2b.txt");
    std::ranges::copy(test::unhex(values.at("key")), key->begin());
    data = test::unhex(values.at("data"));
    mac = test::unhex(values.at("mac"));
  }
  Key key;
  test::Bytes8 data, mac;
};

TEST_F(MacVector, MatchesTheKnownAnswer) {
  EXPECT_TRUE(std::ranges::equal(keyed_mac(key, data), mac));
  EXPECT_TRUE(mac_matches(key, data, mac));
}

TEST_F(MacVector, OfPartsIsThatOfTheWhole) {
  const std::span<const std::uint8_t> all(data);
  for (std::size_t cut = 0; cut <= data.size(); ++cut) {
    EXPECT_EQ(keyed_mac(key, {all.first(cut), all.subspan(cut)}), keyed_mac(key, data));
    EXPECT_EQ(digest({all.first(cut), all.subspan(cut)}), digest(data));
  }
  EXPECT_NE(digest({all.subspan(1), all.first(1)}), digest(data));
}

TEST_F(MacVector, RefusesEveryFlippedBit) {
  for (std::size_t bit = 0; bit < data.size() * 8; ++bit) {
    test::Bytes8 altered = data;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    ASSERT_FALSE(mac_matches(key, altered, mac)) << bit;
  }
  for (std::size_t bit = 0; bit < mac.size() * 8; ++bit) {
    test::Bytes8 altered = mac;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    ASSERT_FALSE(mac_matches(key, data, altered)) << bit;
  }
}

TEST_F(MacVector, RefusesAnotherKeyAndAnotherSize) {
  Key other = key.clone();
  (*other)[31] ^= 1;
  EXPECT_FALSE(mac_matches(other, data, mac));
  EXPECT_FALSE(mac_matches(key, data, std::span(mac).first(31)));
  EXPECT_FALSE(mac_matches(key, data, {}));
}

}  // namespace
}  // namespace faceauth
