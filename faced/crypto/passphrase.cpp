#include <faced/crypto/passphrase.h>

#include <sodium.h>

namespace faceauth {

namespace {

static_assert(sizeof(PassphraseSalt) == crypto_pwhash_SALTBYTES);
constexpr PassphraseCost kLeast{.passes = 1, .memory_kib = 64 * 1024}, kMost{.passes = 16, .memory_kib = 512 * 1024};

}  // namespace

bool is_acceptable(const PassphraseCost& cost) noexcept {
  return cost.passes >= kLeast.passes && cost.passes <= kMost.passes && cost.memory_kib >= kLeast.memory_kib &&
         cost.memory_kib <= kMost.memory_kib;
}

Result<Key> key_from_passphrase(std::span<const std::uint8_t> passphrase, const PassphraseSalt& salt,
                                const PassphraseCost& cost) {
  if (passphrase.empty()) return fail(Errc::invalid_argument, "an empty passphrase is refused");
  if (!is_acceptable(cost))
    return fail(Errc::invalid_argument, "the passphrase's cost is out of bounds: this is no backup of faceauth's");
  Key key;
  if (crypto_pwhash(key->data(), key->size(), reinterpret_cast<const char*>(passphrase.data()), passphrase.size(),
                    salt.data(), cost.passes, std::size_t{cost.memory_kib} * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(Errc::internal, "the passphrase cannot be used: memory for Argon2id is not available");
  return key;
}

}  // namespace faceauth
