#include <faced/vision/dlib_encoder.h>
#include <faced/vision/dlib_network.h>
#include <faced/vision/face_net.h>

namespace faceauth::vision {

DlibEncoder::DlibEncoder(const ModelFile& model, const Kernels* kernels) : dlib_(std::make_unique<DlibNetwork>(model)) {
  if (kernels == nullptr) return;
  net_ = std::make_unique<FaceNet>(dlib_->weights(), *kernels);
  dlib_.reset();
}

DlibEncoder::~DlibEncoder() = default;

void DlibEncoder::release_scratch() {
  if (net_) net_->release_scratch();
}

std::array<float, kDlibDims> DlibEncoder::encode(const cv::Mat& chip) {
  return net_ ? net_->encode(chip) : dlib_->encode(chip);
}

}  // namespace faceauth::vision
