#include <faced/crypto/mac.h>

#include <sodium.h>

#include <tuple>

namespace faceauth {

namespace {

Mac hash_of(DataParts parts, std::span<const std::uint8_t> key) {
  crypto_generichash_state state;
  crypto_generichash_init(&state, key.data(), key.size(), std::tuple_size_v<Mac>);
  for (const auto& part : parts) crypto_generichash_update(&state, part.data(), part.size());
  Mac mac;
  crypto_generichash_final(&state, mac.data(), mac.size());
  sodium_memzero(&state, sizeof state);
  return mac;
}

}  // namespace

Mac keyed_mac(const Key& key, std::span<const std::uint8_t> data) { return hash_of({data}, key.bytes()); }

Mac keyed_mac(const Key& key, DataParts parts) { return hash_of(parts, key.bytes()); }

Mac digest(DataParts parts) { return hash_of(parts, {}); }

Mac digest(std::span<const std::uint8_t> data) { return hash_of({data}, {}); }

bool mac_matches(const Key& key, std::span<const std::uint8_t> data, std::span<const std::uint8_t> mac) {
  return equal_constant_time(keyed_mac(key, data), mac);
}

}  // namespace faceauth
