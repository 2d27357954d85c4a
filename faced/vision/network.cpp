#include <faced/vision/network.h>
#include <faced/vision/opencv_net.h>

#include <opencv2/dnn.hpp>
#include <stdexcept>

namespace faceauth::vision {
namespace {

std::unique_ptr<ConvNet> on_kernels(const ModelFile& model, const NetInput& input, const Kernels* kernels) {
  if (kernels == nullptr) return nullptr;
  const std::optional<OnnxGraph> graph = read_onnx(model.bytes);
  if (!graph || graph->outputs.size() != 1) return nullptr;
  std::unique_ptr<ConvNet> net = ConvNet::make(*graph, input, graph->outputs, *kernels);
  // Of a larger one OpenCV would give the channels one after the other.
  if (net && (net->output(0).width != 1 || net->output(0).height != 1)) return nullptr;
  return net;
}

cv::Scalar scalar(const std::array<float, 3>& values) {
  return {double{values[0]}, double{values[1]}, double{values[2]}};
}

// 1 x channels x height x width.
cv::Mat blob_of(const cv::Mat& picture, const NetInput& input) {
  const cv::Size size(input.width, input.height);
  cv::Mat blob = cv::dnn::blobFromImage(picture, 1, size, scalar(input.mean), input.reversed);
  for (int channel = 0; channel < input.channels; ++channel) {
    cv::Mat plane(size, CV_32F, blob.ptr<float>(0, channel));
    plane *= double{input.factor[static_cast<std::size_t>(channel)]};
  }
  return blob;
}

}  // namespace

struct Network::OpenCv {
  explicit OpenCv(const ModelFile& model) : net(load_onnx(model)) {}
  cv::dnn::Net net;
  std::vector<float> out;
};

Network::Network(const ModelFile& model, const NetInput& input, const Kernels* kernels)
    : input_(input), ours_(vision::on_kernels(model, input, kernels)) {
  if (!ours_) theirs_ = std::make_unique<OpenCv>(model);
}

Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

const std::vector<float>& Network::run(const cv::Mat& picture) {
  if (picture.type() != CV_8UC(input_.channels) || picture.cols != input_.width || picture.rows != input_.height)
    throw std::invalid_argument("a picture of another size");
  if (ours_) {
    ours_->run(picture.data, picture.step[0]);
    return ours_->output(0).numbers;
  }
  theirs_->net.setInput(blob_of(picture, input_));
  const cv::Mat out = theirs_->net.forward();
  if (out.type() != CV_32F) throw std::runtime_error("a network that does not give numbers");
  theirs_->out.assign(out.begin<float>(), out.end<float>());
  return theirs_->out;
}

}  // namespace faceauth::vision
