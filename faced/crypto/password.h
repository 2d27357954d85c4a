// Argon2id password hashes (RFC 9106) by libsodium; salt and parameters travel inside the hash string.
#pragma once

#include <faced/crypto/secret.h>

#include <faceauth/result.h>

#include <array>
#include <cstdint>
#include <span>

namespace faceauth {

// 64 MiB, 3 passes, 1 lane: OWASP's and libsodium's "moderate" neighbourhood; about 0.1 s on a laptop core.
struct PasswordCost {
  std::uint64_t passes = 3;
  std::size_t memory = 64u << 20;
};

// A zero-terminated "$argon2id$v=19$m=..,t=..,p=1$salt$hash" string.
using PasswordHash = Secret<std::array<char, 128>>;

// Slow by design: call it on a worker thread. Errors: internal when 64 MiB cannot be had.
[[nodiscard]] Result<PasswordHash> hash_password(std::span<const std::uint8_t> password, const PasswordCost& cost = {});

// False also for a hash that is no hash. As slow as hash_password.
[[nodiscard]] bool password_matches(const PasswordHash& hash, std::span<const std::uint8_t> password);

// True when the hash was made with weaker parameters than `cost`: hash again at the next success.
[[nodiscard]] bool password_hash_is_weaker(const PasswordHash& hash, const PasswordCost& cost = {});

// False when checking a password against it would take more than 512 MiB or 16 passes, or cannot be told: a hash from
// elsewhere must not keep a worker busy for ever.
[[nodiscard]] bool password_hash_is_bearable(const PasswordHash& hash);

}  // namespace faceauth
