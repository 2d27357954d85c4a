// Compiled for AVX-512: nothing in here may run before the processor was asked.
namespace faceauth::vision {
namespace {
constexpr int kLanes = 16, kVectors = 2, kColumnsMax = 12, kSumsMax = 28;
}
}  // namespace faceauth::vision

#include <faced/vision/net_kernels_impl.h>

namespace faceauth::vision {

extern const Kernels kAvx512Kernels;
const Kernels kAvx512Kernels{"AVX-512", convolve_for, widen, max_pool, average_pool, dense, depthwise, separable};

}  // namespace faceauth::vision
