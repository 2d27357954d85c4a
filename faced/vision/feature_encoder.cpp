#include <faced/vision/feature_encoder.h>
#include <faced/vision/onnx_net.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace faceauth::vision {
namespace {

bool all_alike(const std::array<float, 3>& values) { return values[0] == values[1] && values[1] == values[2]; }

// 1 x 3 x side x side.
cv::Mat blob_of(const cv::Mat& aligned, const EncoderInput& input) {
  const cv::Size size(static_cast<int>(input.side), static_cast<int>(input.side));
  const cv::Scalar mean(double{input.mean[0]}, double{input.mean[1]}, double{input.mean[2]});
  const bool alike = all_alike(input.divide);
  cv::Mat blob = cv::dnn::blobFromImage(aligned, alike ? 1.0 / double{input.divide[0]} : 1.0, size, mean, input.rgb);
  if (alike) return blob;
  for (int channel = 0; channel < 3; ++channel) {
    cv::Mat plane(size, CV_32F, blob.ptr<float>(0, channel));
    plane /= double{input.divide[static_cast<std::size_t>(channel)]};
  }
  return blob;
}

}  // namespace

FeatureEncoder::FeatureEncoder(const ModelFile& model, const Encoder& encoder)
    : net_(load_onnx(model)), input_(encoder.input), dimensions_(encoder.dimensions) {}

std::array<float, kFeatureDims> FeatureEncoder::encode(const cv::Mat& aligned) {
  net_.setInput(blob_of(aligned, input_));
  const cv::Mat out = net_.forward();
  if (out.total() != dimensions_ || out.type() != CV_32F)
    throw std::runtime_error(
        fmt::format("the encoder gives {} numbers, its description says {}", out.total(), dimensions_));
  const double length = cv::norm(out);
  if (!(length > 0)) throw std::runtime_error("the encoder gives nothing but zeros");
  std::array<float, kFeatureDims> encoding{};
  std::transform(out.begin<float>(), out.end<float>(), encoding.begin(),
                 [length](float v) { return static_cast<float>(v / length); });
  return encoding;
}

}  // namespace faceauth::vision
