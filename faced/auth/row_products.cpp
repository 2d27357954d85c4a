#include <faced/auth/row_products.h>

namespace faceauth {
namespace {

// A plain loop: the compiler makes multiply-and-add instructions of it, for each set of vectors once. Wider ones than
// AVX2's gain nothing, memory is slower than those already.
[[gnu::always_inline]] inline void products_of(const std::int16_t* probe, const std::int8_t* rows, std::size_t count,
                                               std::int32_t* products) {
  for (std::size_t r = 0; r < count; ++r, rows += kFeatureDims) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < kFeatureDims; ++i) sum += std::int32_t{rows[i]} * probe[i];
    products[r] = sum;
  }
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] void avx2(const std::int16_t* probe, const std::int8_t* rows, std::size_t count,
                                  std::int32_t* products) {
  products_of(probe, rows, count, products);
}
#endif
void plain(const std::int16_t* probe, const std::int8_t* rows, std::size_t count, std::int32_t* products) {
  products_of(probe, rows, count, products);
}

}  // namespace

MultiplyRows plain_products() { return plain; }

MultiplyRows best_products() {
#if defined(__x86_64__)
  // The compiler's own question also asks whether the kernel keeps these registers.
  if (__builtin_cpu_supports("avx2")) return avx2;
#endif
  return plain;
}

}  // namespace faceauth
