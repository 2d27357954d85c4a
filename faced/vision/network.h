// One small ONNX network, from memory that was verified: on our kernels, or on OpenCV where those do not know it.
#pragma once

#include <faced/vision/conv_net.h>
#include <faced/vision/models.h>

#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

namespace faceauth::vision {

class Network {
 public:
  // `kernels`: null for OpenCV whatever the network is. Throws cv::Exception when the bytes are no network OpenCV can
  // run either.
  Network(const ModelFile& model, const NetInput& input, const Kernels* kernels);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;

  // `picture`: bytes, as large and with as many channels as the input says. What it gives is valid until the next run.
  // Not thread-safe.
  [[nodiscard]] const std::vector<float>& run(const cv::Mat& picture);

  // Gives back until the next run what only a run needs.
  void release_scratch() {
    if (ours_) ours_->release_scratch();
  }

  [[nodiscard]] bool on_kernels() const { return ours_ != nullptr; }

 private:
  struct OpenCv;
  NetInput input_;
  std::unique_ptr<ConvNet> ours_;
  std::unique_ptr<OpenCv> theirs_;
};

}  // namespace faceauth::vision
