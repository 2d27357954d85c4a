#include <faced/vision/face_proposals.h>
#include <faced/vision/opencv_net.h>

#include <cmath>
#include <opencv2/dnn.hpp>
#include <stdexcept>
#include <string>

namespace faceauth::vision {
namespace {

const cv::Size kPicture(FaceProposals::kWidth, FaceProposals::kHeight);
constexpr float kMean = 127, kFactor = 1.0F / 128;

// What the pinned file calls its tensors. After the maps its graph only arranges numbers, most of them for nothing: few
// places are faces.
const std::vector<std::string> kMaps{"319", "365", "405", "437",   // background and face, for each anchor of a place
                                     "333", "379", "419", "449"};  // its corners
constexpr std::size_t kLevels = 4;
constexpr const char *kAnchorSizes = "467", *kAnchorCentres = "469", *kMoves = "465", *kGrowth = "472";

float probability(float no, float yes) {
  const float most = std::max(no, yes), one = std::exp(yes - most), other = std::exp(no - most);
  return one / (one + other);
}

std::vector<float> constant(const OnnxGraph& graph, const char* name, std::size_t count) {
  const auto found = graph.constants.find(name);
  if (found == graph.constants.end() || found->second.numbers.size() != count)
    throw std::runtime_error("not the detector: it has no " + std::string(name));
  return found->second.numbers;
}

}  // namespace

struct FaceProposals::Ours {
  Ours(const OnnxGraph& graph, const Kernels& kernels);
  void find(float score_min, std::vector<FaceProposal>& found) const;
  [[nodiscard]] FaceProposal proposal(std::size_t anchor, const float* corners, float score) const;

  std::unique_ptr<ConvNet> net;
  std::vector<float> sizes, centres;  // of the anchors, in sides of the picture
  float moves = 0, growth = 0;
};

FaceProposals::Ours::Ours(const OnnxGraph& graph, const Kernels& kernels) {
  const NetInput input{3, kWidth, kHeight, false, {kMean, kMean, kMean}, {kFactor, kFactor, kFactor}};
  net = ConvNet::make(graph, input, kMaps, kernels);
  if (!net) throw std::runtime_error("not the detector: it has layers that nobody knows");
  std::size_t anchors = 0;
  for (std::size_t level = 0; level < kLevels; ++level) {
    const ConvNet::Output &scores = net->output(level), &corners = net->output(kLevels + level);
    if (corners.numbers.size() != 2 * scores.numbers.size()) throw std::runtime_error("not the detector: unlike maps");
    anchors += scores.numbers.size() / 2;
  }
  sizes = constant(graph, kAnchorSizes, 2 * anchors);
  centres = constant(graph, kAnchorCentres, 2 * anchors);
  moves = constant(graph, kMoves, 1)[0];
  growth = constant(graph, kGrowth, 1)[0];
}

FaceProposal FaceProposals::Ours::proposal(std::size_t anchor, const float* corners, float score) const {
  const cv::Point2f size(sizes[2 * anchor], sizes[2 * anchor + 1]);
  const cv::Point2f centre(centres[2 * anchor] + corners[0] * moves * size.x,
                           centres[2 * anchor + 1] + corners[1] * moves * size.y);
  const cv::Point2f half(std::exp(corners[2] * growth) * size.x / 2, std::exp(corners[3] * growth) * size.y / 2);
  return {centre - half, centre + half, score};
}

void FaceProposals::Ours::find(float score_min, std::vector<FaceProposal>& found) const {
  // Whoever is this far below needs no exact answer.
  const float ahead_min = std::log(score_min / (1 - score_min)) - 0.01F;
  std::size_t anchor = 0;
  for (std::size_t level = 0; level < kLevels; ++level) {
    const std::vector<float>& scores = net->output(level).numbers;
    const float* corners = net->output(kLevels + level).numbers.data();
    for (std::size_t i = 0; i < scores.size(); i += 2, corners += 4, ++anchor) {
      if (!(scores[i + 1] - scores[i] >= ahead_min)) continue;
      const float score = probability(scores[i], scores[i + 1]);
      if (score >= score_min) found.push_back(proposal(anchor, corners, score));
    }
  }
}

struct FaceProposals::OpenCv {
  explicit OpenCv(const ModelFile& model) : net(load_onnx(model)) {}
  cv::dnn::Net net;
};

FaceProposals::FaceProposals(const ModelFile& model, const Kernels* kernels) {
  const std::optional<OnnxGraph> graph = kernels == nullptr ? std::nullopt : read_onnx(model.bytes);
  if (graph)
    ours_ = std::make_unique<Ours>(*graph, *kernels);
  else
    theirs_ = std::make_unique<OpenCv>(model);
}

FaceProposals::~FaceProposals() = default;
FaceProposals::FaceProposals(FaceProposals&&) noexcept = default;
FaceProposals& FaceProposals::operator=(FaceProposals&&) noexcept = default;

void FaceProposals::release_scratch() {
  if (ours_) ours_->net->release_scratch();
}

const std::vector<FaceProposal>& FaceProposals::find(const cv::Mat& picture, float score_min) {
  if (picture.type() != CV_8UC3 || picture.size() != kPicture) throw std::invalid_argument("a picture of another size");
  found_.clear();
  if (ours_) {
    ours_->net->run(picture.data, picture.step[0]);
    ours_->find(score_min, found_);
    return found_;
  }
  cv::dnn::Net& net = theirs_->net;
  net.setInput(cv::dnn::blobFromImage(picture, double{kFactor}, kPicture, cv::Scalar::all(double{kMean})));
  std::vector<cv::Mat> out;
  net.forward(out, std::vector<cv::String>{"scores", "boxes"});
  const float *scores = out[0].ptr<float>(), *corners = out[1].ptr<float>();
  for (int i = 0; i < out[0].size[1]; ++i, scores += 2, corners += 4)
    if (scores[1] >= score_min) found_.push_back({{corners[0], corners[1]}, {corners[2], corners[3]}, scores[1]});
  return found_;
}

}  // namespace faceauth::vision
