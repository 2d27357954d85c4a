#include <faced/vision_link/camera_choice.h>

#include <algorithm>
#include <numeric>
#include <tuple>

namespace faceauth {
namespace {

// The smaller, the sooner it is tried.
auto rank_of(const CameraIdentity& camera, const CameraWishes& wishes) {
  const bool known = !wishes.remembered.empty() && camera_mark(camera) == wishes.remembered;
  const bool wanted_light = (camera.modality == Modality::infrared) == wishes.infrared_first;
  return std::tuple(!known, camera.is_virtual, !wanted_light, camera.removable);
}

}  // namespace

std::vector<std::size_t> order_of_cameras(std::span<const CameraIdentity* const> cameras, const CameraWishes& wishes) {
  std::vector<std::size_t> order(cameras.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return rank_of(*cameras[a], wishes) < rank_of(*cameras[b], wishes);
  });
  return order;
}

}  // namespace faceauth
