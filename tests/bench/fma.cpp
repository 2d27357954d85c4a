#include "fma.h"

namespace faceauth::vision {
namespace {

constexpr int kChains = 12;  // as many as a fused multiply-add takes cycles, times the units of any processor so far

template <class Vector>
[[gnu::always_inline]] inline float chains(std::int64_t count) {
  constexpr std::int64_t kEach = std::int64_t{kChains} * static_cast<std::int64_t>(sizeof(Vector) / sizeof(float));
  volatile float less_than_one = 0.5F, little = 0.25F;
  const Vector factor = Vector{} + less_than_one, summand = Vector{} + little;
  Vector sum[kChains];
  for (int chain = 0; chain < kChains; ++chain) sum[chain] = Vector{} + static_cast<float>(chain);  // or they are one
  for (std::int64_t i = 0; i < count; i += kEach)
    for (Vector& one : sum) one = one * factor + summand;
  float total = 0;
  for (const Vector& one : sum) total += one[0];
  return total;
}

typedef float Sixteen __attribute__((vector_size(64)));
typedef float Eight __attribute__((vector_size(32)));
typedef float Four __attribute__((vector_size(16)));

#if defined(__x86_64__)
[[gnu::target("avx512f")]] float avx512(std::int64_t count) { return chains<Sixteen>(count); }
[[gnu::target("avx2,fma")]] float avx2(std::int64_t count) { return chains<Eight>(count); }
#endif

}  // namespace

float multiply_and_add(std::int64_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return avx512(count);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2(count);
#endif
  return chains<Four>(count);
}

}  // namespace faceauth::vision
