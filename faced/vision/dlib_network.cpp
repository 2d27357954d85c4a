#include <faced/vision/dlib_network.h>

#include <dlib/dnn.h>
#include <dlib/opencv.h>

#include <algorithm>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace faceauth::vision {
namespace {

// A ResNet-29 as the model file describes it. Batch normalisation is frozen into affine layers.
template <int channels, int stride, class Below>
using ConvAffine = dlib::affine<dlib::con<channels, 3, 3, stride, stride, Below>>;

template <int channels, class Below>
using SameSize =
    dlib::relu<dlib::add_prev1<ConvAffine<channels, 1, dlib::relu<ConvAffine<channels, 1, dlib::tag1<Below>>>>>>;

template <int channels, class Below>
using HalfSize = dlib::relu<dlib::add_prev2<dlib::avg_pool<
    2, 2, 2, 2,
    dlib::skip1<dlib::tag2<ConvAffine<channels, 1, dlib::relu<ConvAffine<channels, 2, dlib::tag1<Below>>>>>>>>>;

// Spelled out instead of dlib::repeat, which has a file format of its own.
using Stem =
    dlib::max_pool<3, 3, 2, 2, dlib::relu<dlib::affine<dlib::con<32, 7, 7, 2, 2, dlib::input_rgb_image_sized<150>>>>>;
using Level4 = SameSize<32, SameSize<32, SameSize<32, Stem>>>;
using Level3 = SameSize<64, SameSize<64, SameSize<64, HalfSize<64, Level4>>>>;
using Level2 = SameSize<128, SameSize<128, HalfSize<128, Level3>>>;
using Level1 = SameSize<256, SameSize<256, HalfSize<256, Level2>>>;
using Level0 = HalfSize<256, Level1>;
using FaceNet = dlib::loss_metric<dlib::fc_no_bias<128, dlib::avg_pool_everything<Level0>>>;

// Called from the encoding downwards to the picture.
struct Collector {
  template <long channels, long rows, long columns, int dy, int dx, int py, int px>
  void operator()(dlib::con_<channels, rows, columns, dy, dx, py, px>& layer) {
    const dlib::tensor& parameters = layer.get_layer_params();
    const float* const numbers = parameters.host();
    const std::size_t filters = parameters.size() - std::size_t{channels};
    ConvolutionWeights folded;
    folded.outputs = channels;
    folded.side = rows;
    folded.inputs = static_cast<int>(filters / (channels * rows * columns));
    folded.filters.assign(numbers, numbers + filters);
    folded.bias.assign(numbers + filters, numbers + parameters.size());
    for (std::size_t output = 0; output < folded.bias.size(); ++output) {
      folded.bias[output] = folded.bias[output] * gamma[output] + beta[output];
      const auto first = folded.filters.begin() + static_cast<std::ptrdiff_t>(output * (filters / channels));
      for (auto number = first; number != first + static_cast<std::ptrdiff_t>(filters / channels); ++number)
        *number *= gamma[output];
    }
    weights.convolutions.insert(weights.convolutions.begin(), std::move(folded));
  }
  void operator()(dlib::affine_& layer) {
    const auto scale = layer.get_gamma(), shift = layer.get_beta();
    gamma.assign(scale.begin(), scale.end());
    beta.assign(shift.begin(), shift.end());
  }
  template <unsigned long outputs>
  void operator()(dlib::fc_<outputs, dlib::FC_NO_BIAS>& layer) {
    const dlib::tensor& parameters = layer.get_layer_params();
    weights.last.assign(parameters.host(), parameters.host() + parameters.size());
  }
  template <class Other>
  void operator()(Other&) {}

  DlibWeights& weights;
  std::vector<float> gamma, beta;  // of the affine layer above
};

// What the input layer does to a byte: minus the mean, by 256. Exact, as the first convolution has no padding.
void fold_input(ConvolutionWeights& first, const std::array<float, 3>& mean) {
  const std::size_t area = static_cast<std::size_t>(first.side) * static_cast<std::size_t>(first.side);
  auto number = first.filters.begin();
  for (float& bias : first.bias) {
    double shift = 0;
    for (const float channel_mean : mean)
      for (std::size_t i = 0; i < area; ++i, ++number) {
        *number /= 256;
        shift += double{*number} * double{channel_mean};
      }
    bias -= static_cast<float>(shift);
  }
}

}  // namespace

struct DlibNetwork::Layers {
  FaceNet net;
};

DlibNetwork::DlibNetwork(const ModelFile& model) : layers_(std::make_unique<Layers>()) {
  std::istringstream in(model.bytes);
  dlib::deserialize(layers_->net, in);
}

DlibNetwork::~DlibNetwork() = default;

std::array<float, kDlibDims> DlibNetwork::encode(const cv::Mat& chip) {
  // Debian's serial OpenBLAS has one set of buffers for the process and no lock around it: of two threads at once, each
  // with a network of its own, one was seen to get an encoding of length 500.
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  dlib::matrix<dlib::rgb_pixel> pixels;
  cv::Mat contiguous = chip.isContinuous() ? chip : chip.clone();
  dlib::assign_image(pixels, dlib::cv_image<dlib::rgb_pixel>(contiguous));
  const dlib::matrix<float, 0, 1>& out = layers_->net(pixels);
  std::array<float, kDlibDims> encoding{};
  std::copy_n(out.begin(), encoding.size(), encoding.begin());
  return encoding;
}

DlibWeights DlibNetwork::weights() {
  DlibWeights found;
  dlib::visit_computational_layers(layers_->net,
                                   [collector = Collector{found, {}, {}}](auto& layer) mutable { collector(layer); });
  const auto& input = dlib::input_layer(layers_->net);
  if (found.convolutions.empty()) throw std::runtime_error("dlib's network has no convolution");
  fold_input(found.convolutions.front(), {input.get_avg_red(), input.get_avg_green(), input.get_avg_blue()});
  return found;
}

}  // namespace faceauth::vision
