#include <faced/crypto/mac.h>

#include <sodium.h>

namespace faceauth {

Mac keyed_mac(const Key& key, std::span<const std::uint8_t> data) {
  Mac mac;
  crypto_generichash(mac.data(), mac.size(), data.data(), data.size(), key->data(), key->size());
  return mac;
}

Mac digest(std::span<const std::uint8_t> data) {
  Mac mac;
  crypto_generichash(mac.data(), mac.size(), data.data(), data.size(), nullptr, 0);
  return mac;
}

bool mac_matches(const Key& key, std::span<const std::uint8_t> data, std::span<const std::uint8_t> mac) {
  return equal_constant_time(keyed_mac(key, data), mac);
}

}  // namespace faceauth
