#include <faced/crypto/password.h>

#include <sodium.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

namespace faceauth {

namespace {

static_assert(sizeof(std::array<char, 128>) == crypto_pwhash_STRBYTES);

// The text of the hash, empty when it is not terminated.
std::string_view text_of(const PasswordHash& hash) {
  const auto* const end = static_cast<const char*>(std::memchr(hash->data(), '\0', hash->size()));
  return end == nullptr ? std::string_view{}
                        : std::string_view(hash->data(), static_cast<std::size_t>(end - hash->data()));
}

// Takes `prefix` and a decimal number off the front of `text`.
std::optional<std::uint64_t> take_number(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// libsodium takes no null pointer, which is what an empty span has.
std::span<const char> chars(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return {"", 0};
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

Result<PasswordHash> hash_password(std::span<const std::uint8_t> password, const PasswordCost& cost) {
  PasswordHash hash;
  if (crypto_pwhash_str_alg(hash->data(), chars(password).data(), password.size(), cost.passes, cost.memory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(Errc::internal, "the password cannot be hashed: memory for Argon2id is not available");
  return hash;
}

bool password_matches(const PasswordHash& hash, std::span<const std::uint8_t> password) {
  if (!text_of(hash).starts_with("$argon2id$")) return false;
  return crypto_pwhash_str_verify(hash->data(), chars(password).data(), password.size()) == 0;
}

bool password_hash_is_weaker(const PasswordHash& hash, const PasswordCost& cost) {
  std::string_view text = text_of(hash);
  const auto version = take_number(text, "$argon2id$v=");
  const auto kibibytes = take_number(text, "$m=");
  const auto passes = take_number(text, ",t=");
  if (!version || !kibibytes || !passes) return true;
  return *version < 0x13 || *kibibytes < cost.memory / 1024 || *passes < cost.passes;
}

bool password_hash_is_bearable(const PasswordHash& hash) {
  constexpr std::uint32_t kKibibytesMost = 512 * 1024, kPassesMost = 16;
  std::string_view text = text_of(hash);
  if (!text.starts_with("$argon2id$")) return true;  // password_matches never looks at it
  const auto version = take_number(text, "$argon2id$v=");
  const auto kibibytes = take_number(text, "$m=");
  const auto passes = take_number(text, ",t=");
  return version && kibibytes && *kibibytes <= kKibibytesMost && passes && *passes <= kPassesMost &&
         text.starts_with(",p=1$");
}

}  // namespace faceauth
