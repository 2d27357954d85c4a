#include <faced/vision/detector.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>

namespace faceauth::vision {
namespace {

const cv::Size kInput(FaceProposals::kWidth, FaceProposals::kHeight);
constexpr float kScoreMin = 0.65F;
constexpr float kOverlapMax = 0.4F;
constexpr float kSideMinPx = 8;

// The image inside the network's 4:3 frame, its proportions kept, with grey bars where it does not fill it.
struct Letterbox {
  float scale;  // picture pixels per image pixel
  cv::Point2f offset;
};

Letterbox letterbox(const cv::Mat& bgr, cv::Mat& picture) {
  const float scale = std::min(static_cast<float>(kInput.width) / static_cast<float>(bgr.cols),
                               static_cast<float>(kInput.height) / static_cast<float>(bgr.rows));
  const cv::Size inner(std::clamp(cvRound(static_cast<float>(bgr.cols) * scale), 1, kInput.width),
                       std::clamp(cvRound(static_cast<float>(bgr.rows) * scale), 1, kInput.height));
  const cv::Rect place((kInput.width - inner.width) / 2, (kInput.height - inner.height) / 2, inner.width, inner.height);
  picture.create(kInput, CV_8UC3);
  if (inner != kInput) picture.setTo(127);
  cv::resize(bgr, picture(place), inner, 0, 0, scale < 0.5F ? cv::INTER_AREA : cv::INTER_LINEAR);
  return {scale, cv::Point2f(place.tl())};
}

float overlap(const cv::Rect2f& a, const cv::Rect2f& b) {
  const float both = (a & b).area();
  return both <= 0 ? 0 : both / (a.area() + b.area() - both);
}

std::vector<Detection> suppress_overlapping(std::vector<Detection> candidates) {
  std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<Detection> kept;
  kept.reserve(candidates.size());
  for (const Detection& c : candidates) {
    const bool seen =
        std::any_of(kept.begin(), kept.end(), [&](const Detection& k) { return overlap(k.box, c.box) > kOverlapMax; });
    if (!seen) kept.push_back(c);
  }
  return kept;
}

}  // namespace

Detector::Detector(const ModelFile& model, const Kernels* kernels) : proposals_(model, kernels) {}

std::vector<Detection> Detector::find(const cv::Mat& bgr) {
  const Letterbox input = letterbox(bgr, input_);
  const auto& proposals = proposals_.find(input_, kScoreMin);
  std::vector<Detection> candidates;
  candidates.reserve(proposals.size());
  for (const FaceProposal& p : proposals) {
    const cv::Point2f tl(p.first.x * static_cast<float>(kInput.width), p.first.y * static_cast<float>(kInput.height));
    const cv::Point2f br(p.last.x * static_cast<float>(kInput.width), p.last.y * static_cast<float>(kInput.height));
    const cv::Point2f a = (tl - input.offset) / input.scale, z = (br - input.offset) / input.scale;
    if (z.x - a.x >= kSideMinPx && z.y - a.y >= kSideMinPx) candidates.push_back({cv::Rect2f(a, z), p.score});
  }
  std::vector<Detection> faces = suppress_overlapping(std::move(candidates));
  const cv::Rect2f frame(0, 0, static_cast<float>(bgr.cols), static_cast<float>(bgr.rows));
  std::sort(faces.begin(), faces.end(), [&frame](const Detection& a, const Detection& b) {
    return (a.box & frame).area() > (b.box & frame).area();
  });
  return faces;
}

}  // namespace faceauth::vision
