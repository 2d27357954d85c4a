// XChaCha20-Poly1305 with a random 24-byte nonce in front: nonce | ciphertext | 16-byte tag.
#pragma once

#include <faced/crypto/secret.h>

#include <faceauth/result.h>

#include <cstdint>
#include <span>
#include <vector>

namespace faceauth {

inline constexpr std::size_t kSealOverhead = 24 + 16;

[[nodiscard]] std::vector<std::uint8_t> seal(const Key& key, std::span<const std::uint8_t> plain,
                                             std::span<const std::uint8_t> associated);

// Into guarded memory. Errors: corrupt when key, associated data or a single bit differ.
[[nodiscard]] Result<SecretBytes> open_sealed(const Key& key, std::span<const std::uint8_t> sealed,
                                              std::span<const std::uint8_t> associated);

// The same into memory of exactly the plain size, for callers that hold the secret elsewhere or have none (an empty
// `out` checks the tag alone). On failure `out` is zeroed. Errors: corrupt.
[[nodiscard]] Result<void> open_sealed_into(const Key& key, std::span<const std::uint8_t> sealed,
                                            std::span<const std::uint8_t> associated, std::span<std::uint8_t> out);

void random_bytes(std::span<std::uint8_t> out);

[[nodiscard]] Key random_key();

// A key for one purpose, derived from another (BLAKE2b KDF, crypto_kdf). `context` is exactly 8 characters.
[[nodiscard]] Key derive_key(const Key& from, std::uint64_t id, const char (&context)[9]);

}  // namespace faceauth
