#include <faced/vision/feature_encoder.h>
#include <faced/vision/onnx_net.h>

#include <algorithm>

namespace faceauth::vision {

FeatureEncoder::FeatureEncoder(const ModelFile& model) : net_(load_onnx(model)) {}

std::array<float, kFeatureDims> FeatureEncoder::encode(const cv::Mat& aligned) {
  constexpr bool kToRgb = true;
  net_.setInput(
      cv::dnn::blobFromImage(aligned, 1.0 / 128, cv::Size(kFeatureSide, kFeatureSide), cv::Scalar::all(127), kToRgb));
  const cv::Mat out = net_.forward();
  CV_Assert(out.total() == kFeatureDims && out.type() == CV_32F);
  const double length = cv::norm(out);
  CV_Assert(length > 0);
  std::array<float, kFeatureDims> encoding{};
  std::transform(out.begin<float>(), out.end<float>(), encoding.begin(),
                 [length](float v) { return static_cast<float>(v / length); });
  return encoding;
}

}  // namespace faceauth::vision
