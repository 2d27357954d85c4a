// dlib's face recognition network as dlib itself reads and runs it.
#pragma once

#include <faced/vision/models.h>

#include <faceauth/sight.h>
#include <array>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

// A convolution and what follows it that is linear, as one.
struct ConvolutionWeights {
  int inputs = 0, outputs = 0, side = 0;
  std::vector<float> filters;  // [output][input][row][column]
  std::vector<float> bias;     // [output]
};

struct DlibWeights {
  std::vector<ConvolutionWeights> convolutions;  // from the picture on; the first takes bytes, red first
  std::vector<float> last;                       // [input][output], of the layer that makes the encoding
};

class DlibNetwork {
 public:
  // Throws dlib::serialization_error (a std::exception) when the bytes are not this network.
  explicit DlibNetwork(const ModelFile& model);
  ~DlibNetwork();
  DlibNetwork(const DlibNetwork&) = delete;
  DlibNetwork& operator=(const DlibNetwork&) = delete;

  // As DlibEncoder::encode, by dlib on whichever BLAS the system has.
  [[nodiscard]] std::array<float, kDlibDims> encode(const cv::Mat& chip);

  [[nodiscard]] DlibWeights weights();

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

}  // namespace faceauth::vision
