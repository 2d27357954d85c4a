#include <faced/crypto/aead.h>

#include <sodium.h>

#include <cstring>

namespace faceauth {

namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(kNonce + kTag == kSealOverhead);
static_assert(sizeof(std::array<std::uint8_t, 32>) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(sizeof(std::array<std::uint8_t, 32>) == crypto_kdf_KEYBYTES);
static_assert(crypto_kdf_CONTEXTBYTES == 8);

}  // namespace

std::vector<std::uint8_t> seal(const Key& key, std::span<const std::uint8_t> plain,
                               std::span<const std::uint8_t> associated) {
  std::vector<std::uint8_t> sealed(plain.size() + kSealOverhead);
  random_bytes({sealed.data(), kNonce});
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + kNonce, nullptr, plain.data(), plain.size(),
                                             associated.data(), associated.size(), nullptr, sealed.data(), key->data());
  return sealed;
}

Result<void> open_sealed_into(const Key& key, std::span<const std::uint8_t> sealed,
                              std::span<const std::uint8_t> associated, std::span<std::uint8_t> out) {
  const bool opened = sealed.size() == out.size() + kSealOverhead &&
                      crypto_aead_xchacha20poly1305_ietf_decrypt(out.data(), nullptr, nullptr, sealed.data() + kNonce,
                                                                 sealed.size() - kNonce, associated.data(),
                                                                 associated.size(), sealed.data(), key->data()) == 0;
  if (opened) return {};
  if (!out.empty()) wipe(out.data(), out.size());
  return fail(Errc::corrupt, "sealed data does not open: it was altered, moved, or sealed under another key");
}

Result<SecretBytes> open_sealed(const Key& key, std::span<const std::uint8_t> sealed,
                                std::span<const std::uint8_t> associated) {
  SecretBytes plain(sealed.size() < kSealOverhead ? 0 : sealed.size() - kSealOverhead);
  if (auto opened = open_sealed_into(key, sealed, associated, plain.bytes()); !opened) return fail(std::move(opened));
  return plain;
}

void random_bytes(std::span<std::uint8_t> out) {
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

Key random_key() {
  Key key;
  random_bytes(key.bytes());
  return key;
}

Key derive_key(const Key& from, std::uint64_t id, const char (&context)[9]) {
  Key key;
  crypto_kdf_derive_from_key(key->data(), key->size(), id, context, from->data());
  return key;
}

}  // namespace faceauth
