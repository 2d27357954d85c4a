#include <faced/crypto/sealed_stream.h>

#include <sodium.h>

namespace faceauth {

namespace {

using State = crypto_secretstream_xchacha20poly1305_state;
static_assert(sizeof(State) == 52);
static_assert(kStreamHeader == crypto_secretstream_xchacha20poly1305_HEADERBYTES);
static_assert(kStreamOverhead == crypto_secretstream_xchacha20poly1305_ABYTES);
static_assert(sizeof(std::array<std::uint8_t, 32>) == crypto_secretstream_xchacha20poly1305_KEYBYTES);

State* state_of(Secret<std::array<std::uint8_t, 52>>& memory) { return reinterpret_cast<State*>(memory->data()); }

}  // namespace

SealingStream::SealingStream(const Key& key) {
  crypto_secretstream_xchacha20poly1305_init_push(state_of(state_), header_.data(), key->data());
}

std::vector<std::uint8_t> SealingStream::seal(std::span<const std::uint8_t> plain,
                                              std::span<const std::uint8_t> associated, bool last) {
  std::vector<std::uint8_t> sealed(plain.size() + kStreamOverhead);
  const unsigned char tag =
      last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
  crypto_secretstream_xchacha20poly1305_push(state_of(state_), sealed.data(), nullptr, plain.data(), plain.size(),
                                             associated.data(), associated.size(), tag);
  return sealed;
}

OpeningStream::OpeningStream(const Key& key, const StreamHeader& header) {
  crypto_secretstream_xchacha20poly1305_init_pull(state_of(state_), header.data(), key->data());
}

Result<OpeningStream::Chunk> OpeningStream::open(std::span<const std::uint8_t> sealed,
                                                 std::span<const std::uint8_t> associated) {
  if (ended_ || sealed.size() < kStreamOverhead) return fail(Errc::corrupt, "more or less data than was sealed");
  Chunk chunk{SecretBytes(sealed.size() - kStreamOverhead)};
  unsigned char tag = 0;
  if (crypto_secretstream_xchacha20poly1305_pull(state_of(state_), chunk.plain.bytes().data(), nullptr, &tag,
                                                 sealed.data(), sealed.size(), associated.data(),
                                                 associated.size()) != 0)
    return fail(Errc::corrupt, "sealed data does not open: it was altered, or sealed under another key");
  ended_ = chunk.last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
  return chunk;
}

}  // namespace faceauth
