#include <faced/crypto/aead.h>
#include <faced/crypto/sealed_stream.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace faceauth {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes(std::string_view text) { return {text.begin(), text.end()}; }
const Bytes kNothing;

class SealedStream : public testing::Test {
 protected:
  void SetUp() override {
    SealingStream stream(key);
    header = stream.header();
    chunks = {stream.seal(bytes("one"), bytes("front"), false), stream.seal(bytes("two"), kNothing, false),
              stream.seal(bytes("three"), kNothing, true)};
  }
  // What opens of a sequence until something does not fit; a full stop behind the last.
  std::string opened(const std::vector<Bytes>& sequence, const Key& with, std::string_view front = "front") const {
    OpeningStream stream(with, header);
    std::string all;
    for (const Bytes& chunk : sequence) {
      const auto open = stream.open(chunk, all.empty() ? bytes(front) : kNothing);
      if (!open) return all + "!";
      all.append(open->plain.bytes().begin(), open->plain.bytes().end());
      if (open->last) all += ".";
    }
    return all;
  }

  const Key key = random_key();
  StreamHeader header{};
  std::vector<Bytes> chunks;
};

TEST_F(SealedStream, OpensInOrderAndTellsTheEnd) { EXPECT_EQ(opened(chunks, key), "onetwothree."); }

TEST_F(SealedStream, OtherOrderLossRepetitionAndMoreAreNoticed) {
  EXPECT_EQ(opened({chunks[1], chunks[0], chunks[2]}, key), "!");
  EXPECT_EQ(opened({chunks[0], chunks[2]}, key), "one!");
  EXPECT_EQ(opened({chunks[0], chunks[0]}, key), "one!");
  EXPECT_EQ(opened({chunks[0], chunks[1], chunks[2], chunks[2]}, key), "onetwothree.!");
  EXPECT_EQ(opened({chunks[0], chunks[1]}, key), "onetwo") << "no end: the caller sees that it was cut";
}

TEST_F(SealedStream, AnotherKeyFrontOrHeaderOpensNothing) {
  EXPECT_EQ(opened(chunks, random_key()), "!");
  EXPECT_EQ(opened(chunks, key, "Front"), "!");
  header[3] ^= 1;
  EXPECT_EQ(opened(chunks, key), "!");
}

TEST_F(SealedStream, EveryFlippedBitIsNoticed) {
  for (std::size_t bit = 0; bit < chunks[1].size() * 8; ++bit) {
    Bytes altered = chunks[1];
    altered[bit / 8] = static_cast<std::uint8_t>(altered[bit / 8] ^ (1U << (bit % 8)));
    ASSERT_EQ(opened({chunks[0], altered}, key), "one!") << bit;
  }
  for (std::size_t size = 0; size < chunks[1].size(); ++size)
    ASSERT_EQ(opened({chunks[0], {chunks[1].begin(), chunks[1].begin() + static_cast<std::ptrdiff_t>(size)}}, key),
              "one!");
}

}  // namespace
}  // namespace faceauth
