#include <faced/vision/feature_encoder.h>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace faceauth::vision {
namespace {

NetInput input_of(const EncoderInput& input) {
  const int side = static_cast<int>(input.side);
  NetInput net{3, side, side, input.rgb, input.mean, {}};
  for (std::size_t i = 0; i < net.factor.size(); ++i) net.factor[i] = 1 / input.divide[i];
  return net;
}

}  // namespace

FeatureEncoder::FeatureEncoder(const ModelFile& model, const Encoder& encoder, const Kernels* kernels)
    : net_(model, input_of(encoder.input), kernels), dimensions_(encoder.dimensions) {}

std::array<float, kFeatureDims> FeatureEncoder::encode(const cv::Mat& aligned) {
  const std::vector<float>& out = net_.run(aligned);
  if (out.size() != dimensions_ || out.size() > kFeatureDims)
    throw std::runtime_error(
        fmt::format("the encoder gives {} numbers, its description says {}", out.size(), dimensions_));
  const double length = cv::norm(out);
  if (!(length > 0)) throw std::runtime_error("the encoder gives nothing but zeros");
  std::array<float, kFeatureDims> encoding{};
  std::transform(out.begin(), out.end(), encoding.begin(),
                 [length](float v) { return static_cast<float>(v / length); });
  return encoding;
}

}  // namespace faceauth::vision
