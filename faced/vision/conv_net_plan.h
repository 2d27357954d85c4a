// From an ONNX graph to the steps of a ConvNet.
#pragma once

#include <faced/vision/conv_net.h>
#include <faced/vision/net_layers.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace faceauth::vision {

struct NetStep {
  enum class Kind { dense, depthwise, average, maximum, sigmoid, multiply, add, concatenate };
  Kind kind = Kind::dense;
  std::vector<std::size_t> from;  // maps; of a convolution the second one is added to what it gives
  std::size_t to = 0;
  NetConvolution shape;  // side, stride, padding of convolutions and of maximum; weights only until they are packed
  PackedConvolution packed;
};

struct NetPlan {
  std::vector<NetMap> maps;  // the first is the picture
  std::vector<NetStep> steps;
  std::vector<std::size_t> outputs;
  std::size_t memory = 0;  // floats
};

// Puts each map where no other lies that is needed at the same time.
void place_maps(NetPlan& plan);

// Throws std::invalid_argument at what a ConvNet does not know.
[[nodiscard]] NetPlan plan_net(const OnnxGraph& graph, const NetInput& input, const std::vector<std::string>& outputs);

}  // namespace faceauth::vision
