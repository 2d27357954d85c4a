// The file of a network, which an administrator may have from anywhere: what it says of itself, the plan that is made
// of it, and a run. The first byte chooses the picture, the rest is the file.
#include "fuzz.h"

#include <faced/vision/conv_net.h>
#include <faced/vision/conv_net_plan.h>
#include <faced/vision/onnx_graph.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace faceauth::vision {
#if defined(__x86_64__)
extern const Kernels kSse2Kernels;  // alone: the others are compiled with options of their own
#endif
}  // namespace faceauth::vision

using namespace faceauth;
using namespace faceauth::vision;

namespace {

constexpr int kSide = 24;
constexpr std::size_t kMemoryMost = 1u << 16;  // floats: what is tried is the parsing, and a large network is only slow

NetInput input_of(std::uint8_t choice) {
  NetInput input;
  input.channels = (choice & 1) != 0 ? 1 : 3;
  input.width = input.height = kSide;
  input.reversed = (choice & 2) != 0;
  return input;
}

void check(const OnnxGraph& graph) {
  for (const auto& [name, tensor] : graph.constants) {
    std::int64_t count = 1;
    for (const std::int64_t side : tensor.shape) count *= side;
    fuzz::must(tensor.numbers.empty() || tensor.numbers.size() == static_cast<std::size_t>(count),
               "a tensor has as many numbers as its shape says");
  }
  for (const OnnxNode& node : graph.nodes) fuzz::must(!node.outputs.empty(), "a node gives something");
}

std::optional<NetPlan> plan_of(const OnnxGraph& graph, const NetInput& input) {
  try {
    return plan_net(graph, input, graph.outputs);
  } catch (const std::invalid_argument&) {
    return std::nullopt;
  }
}

void check(const NetPlan& plan) {
  for (const NetMap& map : plan.maps)
    fuzz::must(map.place + map.size() <= plan.memory, "a map lies within the memory of all");
  for (const NetStep& step : plan.steps)
    fuzz::must(step.to < plan.maps.size() &&
                   std::all_of(step.from.begin(), step.from.end(), [&](std::size_t map) { return map < step.to; }),
               "a step reads what was made before");
}

void run([[maybe_unused]] const OnnxGraph& graph, [[maybe_unused]] const NetInput& input) {
#if defined(__x86_64__)
  const auto net = ConvNet::make(graph, input, graph.outputs, kSse2Kernels);
  fuzz::must(net != nullptr, "what can be planned can be made");
  const auto row = static_cast<std::size_t>(kSide) * static_cast<std::size_t>(input.channels);
  const std::vector<std::uint8_t> picture(row * kSide, 100);
  net->run(picture.data(), row);
#endif
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const NetInput input = input_of(data[0]);
  const std::optional<OnnxGraph> graph = read_onnx({reinterpret_cast<const char*>(data + 1), size - 1});
  if (!graph) return 0;
  check(*graph);
  const std::optional<NetPlan> plan = plan_of(*graph, input);
  if (!plan) return 0;
  check(*plan);
  if (plan->memory <= kMemoryMost) run(*graph, input);
  return 0;
}
