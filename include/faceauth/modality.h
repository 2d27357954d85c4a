// What light a camera sees by. Templates and probes are only compared within one of these.
#pragma once

#include <cstddef>
#include <cstdint>

namespace faceauth {

enum class Modality : std::uint8_t { color = 0, infrared = 1 };
inline constexpr std::size_t kModalities = 2;

constexpr const char* modality_name(Modality m) noexcept { return m == Modality::infrared ? "infrared" : "color"; }

}  // namespace faceauth
