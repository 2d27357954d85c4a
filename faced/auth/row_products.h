// The loop that 1:N comparison spends its time in.
#pragma once

#include <faceauth/sight.h>

#include <cstddef>
#include <cstdint>

namespace faceauth {

// The scalar products of a probe (kFeatureDims numbers) with `count` rows of as many that lie side by side. Exact: no
// number of a row may be -128, and none of the probe -32768, so that no sum leaves 32 bits.
using MultiplyRows = void (*)(const std::int16_t* probe, const std::int8_t* rows, std::size_t count,
                              std::int32_t* products);
static_assert(kFeatureDims * 127 * 32767 <= 0x7fffffff);

// With the best instructions that the processor has, and with those that every one of its family has.
[[nodiscard]] MultiplyRows best_products();
[[nodiscard]] MultiplyRows plain_products();

}  // namespace faceauth
