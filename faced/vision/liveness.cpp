#include <faced/vision/liveness.h>

#include <algorithm>
#include <cmath>

namespace faceauth::vision {
namespace {

const cv::Size kInput(128, 128);
constexpr float kWide = 2.7F, kNear = 2.0F;  // sides of the crops in face heights

// A square around the face, as large as asked for or as the frame allows, moved to lie inside the frame. Squeezing it
// into a narrow frame, or filling up what lies outside, makes live faces in upright video look like attacks.
cv::Rect crop_around(const cv::Rect2f& face, float heights, const cv::Size& frame) {
  const float side_max = static_cast<float>(std::min(frame.width, frame.height));
  const float side = std::min(face.height * heights, side_max);
  const cv::Point2f centre(face.x + face.width / 2, face.y + face.height / 2);
  const float left = std::clamp(centre.x - side / 2, 0.0F, static_cast<float>(frame.width) - side);
  const float top = std::clamp(centre.y - side / 2, 0.0F, static_cast<float>(frame.height) - side);
  const cv::Rect crop(static_cast<int>(left), static_cast<int>(top), std::max(1, static_cast<int>(side)),
                      std::max(1, static_cast<int>(side)));
  return crop & cv::Rect(cv::Point(), frame);
}

}  // namespace

// Raw 0..255, BGR.
Liveness::Liveness(const ModelFile& model, const Kernels* kernels)
    : net_(model, {3, kInput.width, kInput.height}, kernels) {}

LiveLook Liveness::measure(const cv::Mat& bgr, const cv::Rect2f& face) {
  const cv::Rect wide = crop_around(face, kWide, bgr.size()), near = crop_around(face, kNear, bgr.size());
  LiveLook look;
  look.wide = likelihood(bgr(wide));
  look.near = near == wide ? look.wide : likelihood(bgr(near));
  look.surroundings = std::clamp(static_cast<float>(wide.width) / (face.height * kWide), 0.0F, 1.0F);
  return look;
}

float Liveness::likelihood(const cv::Mat& crop) {
  resizer_.resize(crop, kInput, input_);
  const std::vector<float>& l = net_.run(input_);  // live, and two kinds of attack
  CV_Assert(l.size() == 3);
  const float top = std::max({l[0], l[1], l[2]});
  const float sum = std::exp(l[0] - top) + std::exp(l[1] - top) + std::exp(l[2] - top);
  return std::exp(l[0] - top) / sum;
}

}  // namespace faceauth::vision
