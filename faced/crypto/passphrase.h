// A key from what a person remembers: Argon2id (RFC 9106), with its parameters kept beside what the key seals.
#pragma once

#include <faced/crypto/secret.h>

#include <faceauth/result.h>

#include <array>
#include <cstdint>
#include <span>

namespace faceauth {

using PassphraseSalt = std::array<std::uint8_t, 16>;

// A backup leaves the machine, so guessing its passphrase must be dear: four times the memory of a login's password.
struct PassphraseCost {
  std::uint32_t passes = 4;
  std::uint32_t memory_kib = 256 * 1024;
  friend bool operator==(const PassphraseCost&, const PassphraseCost&) = default;
};

// What is accepted from a file: below, somebody may have weakened it; above, it would only use up this machine.
[[nodiscard]] bool is_acceptable(const PassphraseCost& cost) noexcept;

// Slow by design: call it on a worker thread. Errors: invalid_argument (cost, empty passphrase), internal when the
// memory cannot be had.
[[nodiscard]] Result<Key> key_from_passphrase(std::span<const std::uint8_t> passphrase, const PassphraseSalt& salt,
                                              const PassphraseCost& cost);

}  // namespace faceauth
