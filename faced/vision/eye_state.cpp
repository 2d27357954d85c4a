#include <faced/vision/eye_state.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

const cv::Size kInput(24, 24);
constexpr float kSurroundings = 1.6F;                 // side of the picture in widths of the eye
constexpr std::size_t kRightEye = 36, kLeftEye = 42;  // outer or inner corner first, then round the lids: six points
constexpr float kWidthMinPx = 4;

}  // namespace

EyeState::EyeState(const ModelFile& model, const Kernels* kernels)
    : net_(model, {1, kInput.width, kInput.height, false, {}, {1.0F / 255}}, kernels) {}

float EyeState::openness(const cv::Mat& bgr, const Mesh& mesh) {
  return (openness_of(bgr, mesh, kRightEye) + openness_of(bgr, mesh, kLeftEye)) / 2;
}

float EyeState::openness_of(const cv::Mat& bgr, const Mesh& mesh, std::size_t first) {
  const cv::Point2f centre = (mesh[first + 1] + mesh[first + 2] + mesh[first + 4] + mesh[first + 5]) / 4;
  const cv::Point2f corners = mesh[first + 3] - mesh[first];
  const float side = std::max(std::hypot(corners.x, corners.y), kWidthMinPx) * kSurroundings;
  const float scale = static_cast<float>(kInput.width) / side;
  const cv::Matx23f to_input(scale, 0, -(centre.x - side / 2) * scale, 0, scale, -(centre.y - side / 2) * scale);
  warper_.warp(bgr, to_input, kInput, AffineWarper::Beyond::edge, colour_);
  cv::cvtColor(colour_, input_, cv::COLOR_BGR2GRAY);
  const std::vector<float>& l = net_.run(input_);  // closed, open
  CV_Assert(l.size() == 2);
  return 1 / (1 + std::exp(l[0] - l[1]));
}

}  // namespace faceauth::vision
