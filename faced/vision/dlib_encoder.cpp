#include <faced/vision/dlib_encoder.h>

#include <dlib/dnn.h>
#include <dlib/opencv.h>

#include <algorithm>
#include <sstream>

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

}  // namespace

struct DlibEncoder::Network {
  FaceNet net;
};

DlibEncoder::DlibEncoder(const ModelFile& model) : network_(std::make_unique<Network>()) {
  std::istringstream in(model.bytes);
  dlib::deserialize(network_->net, in);
}

DlibEncoder::~DlibEncoder() = default;

std::array<float, kDlibDims> DlibEncoder::encode(const cv::Mat& chip) {
  dlib::matrix<dlib::rgb_pixel> pixels;
  cv::Mat contiguous = chip.isContinuous() ? chip : chip.clone();
  dlib::assign_image(pixels, dlib::cv_image<dlib::rgb_pixel>(contiguous));
  const dlib::matrix<float, 0, 1>& out = network_->net(pixels);
  std::array<float, kDlibDims> encoding{};
  std::copy_n(out.begin(), encoding.size(), encoding.begin());
  return encoding;
}

}  // namespace faceauth::vision
