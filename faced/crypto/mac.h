// Keyed BLAKE2b with 32 bytes of output: integrity of what need not be hidden.
#pragma once

#include <faced/crypto/secret.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace faceauth {

using Mac = std::array<std::uint8_t, 32>;

// Of the parts one behind the other, here and below.
using DataParts = std::initializer_list<std::span<const std::uint8_t>>;

[[nodiscard]] Mac keyed_mac(const Key& key, std::span<const std::uint8_t> data);
[[nodiscard]] Mac keyed_mac(const Key& key, DataParts parts);

// Without a key: tells damage apart from a wrong key, and proves nothing against somebody who can write.
[[nodiscard]] Mac digest(std::span<const std::uint8_t> data);
[[nodiscard]] Mac digest(DataParts parts);

// In constant time; false when `mac` has another size.
[[nodiscard]] bool mac_matches(const Key& key, std::span<const std::uint8_t> data, std::span<const std::uint8_t> mac);

}  // namespace faceauth
