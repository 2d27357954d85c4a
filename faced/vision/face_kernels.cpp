#include <faced/vision/face_kernels.h>

#include <initializer_list>

namespace faceauth::vision {

#if defined(__x86_64__)

extern const Kernels kAvx512Kernels, kAvx2Kernels, kSse2Kernels;

// The compiler's own question also asks whether the kernel keeps these registers.
const Kernels* avx512_kernels() { return __builtin_cpu_supports("avx512f") ? &kAvx512Kernels : nullptr; }
const Kernels* avx2_kernels() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kAvx2Kernels : nullptr;
}
const Kernels* sse2_kernels() { return &kSse2Kernels; }

#else

const Kernels* avx512_kernels() { return nullptr; }
const Kernels* avx2_kernels() { return nullptr; }
const Kernels* sse2_kernels() { return nullptr; }

#endif

const Kernels* best_kernels() {
  for (const Kernels* kernels : {avx512_kernels(), avx2_kernels(), sse2_kernels()})
    if (kernels != nullptr) return kernels;
  return nullptr;
}

}  // namespace faceauth::vision
