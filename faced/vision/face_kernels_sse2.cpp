// Compiled for SSE2: nothing in here may run before the processor was asked.
namespace faceauth::vision {
namespace {
constexpr int kLanes = 4, kVectors = 4, kColumnsMax = 3, kSumsMax = 12;
}
}  // namespace faceauth::vision

#include <faced/vision/net_kernels_impl.h>

namespace faceauth::vision {

extern const Kernels kSse2Kernels;
const Kernels kSse2Kernels{"SSE2", convolve_for, widen, max_pool, average_pool, dense, depthwise, separable};

}  // namespace faceauth::vision
