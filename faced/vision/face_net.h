// dlib's face network on Kernels. Memory for its maps is taken at the first encoding and kept for the next.
#pragma once

#include <faced/vision/dlib_network.h>
#include <faced/vision/face_kernels.h>
#include <faced/vision/floats.h>

#include <faceauth/sight.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <vector>

namespace faceauth::vision {

class FaceNet {
 public:
  // Throws std::runtime_error when the weights are not those of this network.
  FaceNet(const DlibWeights& weights, const Kernels& kernels);

  // As DlibEncoder::encode.
  [[nodiscard]] std::array<float, kDlibDims> encode(const cv::Mat& chip);

  // Gives that memory back until the next encoding.
  void release_scratch() { maps_.reset(); }

 private:
  // A square map inside a border of zeros, which is the padding of the layer that reads it.
  struct Map {
    Map() = default;
    Map(int width, int channels, int border);
    [[nodiscard]] int row() const { return (width + 2 * border) * channels; }
    [[nodiscard]] float* inside() { return numbers.data() + border * (row() + channels); }

    int width = 0, channels = 0, border = 0;
    Floats numbers;
  };

  struct Packed {
    explicit Packed(const ConvolutionWeights& w);

    int inputs, outputs, side;
    Floats filters, bias;
  };

  // What the residual blocks at one resolution share.
  struct Level {
    Map map, within;  // between the blocks, and between the two convolutions of one
    Map halved;       // the latter in the block that halves; without padding it can be smaller
  };

  struct Maps {
    Maps();

    Map picture, stem, mean, encoding;
    std::array<Level, 5> levels;
  };

  struct Step {
    int width;  // of what is computed, which may be less than the target's
    int stride = 1;
    bool add = false, relu = true;
  };

  void convolve(const Packed& weights, Map& from, Map& to, const Step& step);
  void halve(Map& from, Level& to, const Packed* weights);

  const Kernels& kernels_;
  std::vector<Packed> convolutions_;  // and the last layer, as one more
  std::unique_ptr<Maps> maps_;
};

}  // namespace faceauth::vision
