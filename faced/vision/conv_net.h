// A convolutional network of an ONNX file on Kernels. It knows the layers that small networks for faces consist of;
// whoever wants to run another one asks OpenCV. Memory for its maps is taken at the first run and kept for the next.
#pragma once

#include <faced/vision/face_kernels.h>
#include <faced/vision/floats.h>
#include <faced/vision/onnx_graph.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace faceauth::vision {

// The picture that a network wants: (value - mean) * factor, by channel.
struct NetInput {
  int channels = 3, width = 0, height = 0;
  bool reversed = false;                         // the network's channels are the picture's from the last to the first
  std::array<float, 3> mean{}, factor{1, 1, 1};  // in the network's order
};

struct NetPlan;
struct NetStep;

class ConvNet {
 public:
  // Null when a layer that `outputs` need is not one of those it knows.
  [[nodiscard]] static std::unique_ptr<ConvNet> make(const OnnxGraph& graph, const NetInput& input,
                                                     const std::vector<std::string>& outputs, const Kernels& kernels);
  ~ConvNet();
  ConvNet(const ConvNet&) = delete;
  ConvNet& operator=(const ConvNet&) = delete;

  // `picture`: rows of pixels, `row` bytes from one to the next. Not thread-safe.
  void run(const std::uint8_t* picture, std::size_t row);

  // Gives that memory back until the next run.
  void release_scratch() { memory_ = {}; }

  // What the run gave, [y][x][channel] without gaps; valid until the next one.
  struct Output {
    int channels = 0, width = 0, height = 0;
    std::vector<float> numbers;
  };
  [[nodiscard]] const Output& output(std::size_t which) const { return outputs_[which]; }

 private:
  ConvNet(NetPlan plan, const NetInput& input, const Kernels& kernels);
  void take_picture(const std::uint8_t* picture, std::size_t row);
  void run(const NetStep& step);
  void convolve(const NetStep& step);

  const Kernels& kernels_;
  std::unique_ptr<const NetPlan> plan_;
  std::array<float, 3> mean_, factor_;  // in the picture's order
  Floats memory_;                       // of all maps; those that are not needed at the same time share a place
  std::vector<Output> outputs_;
};

}  // namespace faceauth::vision
