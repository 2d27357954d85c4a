#include <faced/vision/mesh_landmarks.h>

#include <algorithm>

namespace faceauth::vision {
namespace {

const cv::Size kInput(64, 64);
constexpr std::size_t kPoints = std::tuple_size_v<Mesh>;

cv::Point2f mean_of(const Mesh& points, int first, int last) {
  cv::Point2f sum;
  for (int i = first; i <= last; ++i) sum += points[static_cast<std::size_t>(i)];
  return sum / static_cast<float>(last - first + 1);
}

}  // namespace

FeaturePoints feature_points(const Mesh& mesh) {
  return {mean_of(mesh, 36, 41), mean_of(mesh, 42, 47), mesh[30], mesh[48], mesh[54]};
}

MeshLandmarks::MeshLandmarks(const ModelFile& model, const Kernels* kernels)
    : net_(model, {1, kInput.width, kInput.height, false, {}, {1.0F / 256}}, kernels) {}

Mesh MeshLandmarks::find(const cv::Mat& grey, const cv::Rect2f& box) {
  const float side = std::max(box.width, box.height);
  const cv::Point2f corner(box.x + (box.width - side) / 2, box.y + (box.height - side) / 2);
  const float scale = static_cast<float>(kInput.width) / side;
  const cv::Matx23f to_input(scale, 0, -corner.x * scale, 0, scale, -corner.y * scale);
  warper_.warp(grey, to_input, kInput, AffineWarper::Beyond::edge, input_);
  const std::vector<float>& v = net_.run(input_);
  CV_Assert(v.size() == 2 * kPoints);
  Mesh points;
  for (std::size_t i = 0; i < kPoints; ++i) points[i] = corner + cv::Point2f(v[2 * i], v[2 * i + 1]) * side;
  return points;
}

}  // namespace faceauth::vision
