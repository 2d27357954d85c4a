// Compiled for AVX2: nothing in here may run before the processor was asked.
namespace faceauth::vision {
namespace {
constexpr int kLanes = 8, kVectors = 2, kColumnsMax = 6, kSumsMax = 12;
}
}  // namespace faceauth::vision

#include <faced/vision/net_kernels_impl.h>

namespace faceauth::vision {

extern const Kernels kAvx2Kernels;
const Kernels kAvx2Kernels{"AVX2", convolve_for, widen, max_pool, average_pool, dense, depthwise, separable};

}  // namespace faceauth::vision
