#include <faced/vision/detector.h>

#include <algorithm>

namespace faceauth::vision {
namespace {

const cv::Size kInput(FaceProposals::kWidth, FaceProposals::kHeight);
constexpr float kScoreMin = 0.65F;
constexpr float kOverlapMax = 0.4F;
constexpr float kSideMinPx = 8;

float overlap(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float both = (a & b).area();
  return both <= 0 ? 0 : both / (a.area() + b.area() - both);
}

}  // namespace

Detector::Detector(const ModelFile& model, const Kernels* kernels) : proposals_(model, kernels) {}

Detector::Letterbox Detector::letterbox(const cv::Mat& bgr) {
  const float scale = std::min(static_cast<float>(kInput.width) / static_cast<float>(bgr.cols),
                               static_cast<float>(kInput.height) / static_cast<float>(bgr.rows));
  const cv::Size inner(std::clamp(cvRound(static_cast<float>(bgr.cols) * scale), 1, kInput.width),
                       std::clamp(cvRound(static_cast<float>(bgr.rows) * scale), 1, kInput.height));
  const cv::Rect place((kInput.width - inner.width) / 2, (kInput.height - inner.height) / 2, inner.width, inner.height);
  input_.create(kInput, CV_8UC3);
  if (inner != kInput) input_.setTo(127);
  cv::Mat picture = input_(place);
  if (scale < 0.5F)
    smaller_.shrink(bgr, inner, picture);
  else
    resizer_.resize(bgr, inner, picture);
  return {scale, cv::Point2f(place.tl())};
}

void Detector::keep_the_best_of_each() {
  std::sort(candidates_.begin(), candidates_.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  faces_.clear();
  for (const Detection& c : candidates_) {
    const bool seen = std::any_of(faces_.begin(), faces_.end(),
                                  [&](const Detection& f) { return overlap(f.box, c.box) > kOverlapMax; });
    if (!seen) faces_.push_back(c);
  }
}

const std::vector<Detection>& Detector::find(const cv::Mat& bgr) {
  const Letterbox input = letterbox(bgr);
  candidates_.clear();
  for (const FaceProposal& p : proposals_.find(input_, kScoreMin)) {
    const cv::Point2f tl(p.first.x * static_cast<float>(kInput.width), p.first.y * static_cast<float>(kInput.height));
    const cv::Point2f br(p.last.x * static_cast<float>(kInput.width), p.last.y * static_cast<float>(kInput.height));
    const cv::Point2f a = (tl - input.offset) / input.scale, z = (br - input.offset) / input.scale;
    if (z.x - a.x >= kSideMinPx && z.y - a.y >= kSideMinPx) candidates_.push_back({cv::Rect2f(a, z), p.score});
  }
  keep_the_best_of_each();
  const cv::Rect2f frame(0, 0, static_cast<float>(bgr.cols), static_cast<float>(bgr.rows));
  std::sort(faces_.begin(), faces_.end(), [&frame](const Detection& a, const Detection& b) {
    return (a.box & frame).area() > (b.box & frame).area();
  });
  return faces_;
}

}  // namespace faceauth::vision
