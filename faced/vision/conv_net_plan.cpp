#include <faced/vision/conv_net_plan.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

namespace faceauth::vision {
namespace {

using Kind = NetStep::Kind;

constexpr int kSideMax = 4096, kChannelsMax = 8192, kWindowMax = 64, kPaddingMax = 16;
constexpr std::int64_t kNumbersMax = std::int64_t{1} << 26;

[[noreturn]] void unknown(const std::string& what) { throw std::invalid_argument("an unknown layer: " + what); }
void expect(bool known, const OnnxNode& node) {
  if (!known) unknown(node.operation);
}

// The one number that `attribute` has in all its places.
int alike(const OnnxNode& node, const std::string& attribute, std::int64_t otherwise, int most) {
  const std::vector<std::int64_t> values = node.integers_or(attribute, {otherwise});
  for (const std::int64_t value : values) expect(value == values.front() && value >= 0 && value <= most, node);
  return static_cast<int>(values.front());
}

bool same_size(const NetMap& a, const NetMap& b) {
  return a.channels == b.channels && a.width == b.width && a.height == b.height && !a.picture && !b.picture;
}

class Planner {
 public:
  Planner(const OnnxGraph& graph, const NetInput& input, const std::vector<std::string>& outputs);
  NetPlan take(const NetInput& input);

 private:
  void find_needed(const std::vector<std::string>& outputs);
  void add(const OnnxNode& node);
  void convolution(const OnnxNode& node);
  void product(const OnnxNode& node);
  void elementwise(const OnnxNode& node, Kind kind);
  void average(const OnnxNode& node);
  void maximum(const OnnxNode& node);
  void concatenation(const OnnxNode& node);
  void renamed(const OnnxNode& node);

  void finish(NetStep step, const NetMap& target, const std::string& name);
  std::string absorb(NetStep& step, const NetMap& target, std::string name);
  bool absorb_one(NetStep& step, const NetMap& target, const OnnxNode& node, const std::string& name);
  bool absorb_sum(NetStep& step, const NetMap& target, const OnnxNode& node, const std::string& name);
  const OnnxNode* only_reader(const std::string& name) const;
  const OnnxTensor& constant(const OnnxNode& node, std::size_t input) const;
  const OnnxTensor* constant_beside(const OnnxNode& node, const std::string& name) const;
  std::size_t map_of(const OnnxNode& node, std::size_t input) const;

  const OnnxGraph& graph_;
  NetPlan plan_;
  std::map<std::string, std::size_t> values_;  // by tensor, its map
  std::map<std::string, std::vector<const OnnxNode*>> readers_;
  std::set<const OnnxNode*> needed_;  // and not yet part of a step
  std::set<std::string> kept_;        // what somebody outside wants
};

Planner::Planner(const OnnxGraph& graph, const NetInput& input, const std::vector<std::string>& outputs)
    : graph_(graph), kept_(outputs.begin(), outputs.end()) {
  if (graph.inputs.size() != 1) unknown("several inputs");
  if (input.width < 1 || input.height < 1 || input.width > kSideMax || input.height > kSideMax) unknown("the input");
  NetMap picture;
  picture.channels = input.channels;
  picture.width = input.width;
  picture.height = input.height;
  picture.picture = true;
  plan_.maps.push_back(picture);
  values_[graph.inputs.front()] = 0;
  find_needed(outputs);
  for (const OnnxNode& node : graph.nodes)
    if (needed_.count(&node) != 0) add(node);
  for (const std::string& output : outputs) {
    const auto found = values_.find(output);
    if (found == values_.end() || found->second == 0) unknown("no output " + output);
    plan_.outputs.push_back(found->second);
  }
}

void Planner::find_needed(const std::vector<std::string>& outputs) {
  std::set<std::string> wanted(outputs.begin(), outputs.end());
  for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
    if (wanted.count(node->outputs.front()) == 0) continue;
    needed_.insert(&*node);
    for (const std::string& input : node->inputs) {
      wanted.insert(input);
      readers_[input].push_back(&*node);
    }
  }
}

void Planner::add(const OnnxNode& node) {
  const std::string& o = node.operation;
  // What only tells the next Reshape its shape.
  if (o == "Shape" || o == "Gather" || o == "Unsqueeze") return;
  if (o == "Concat" && !node.inputs.empty() && values_.count(node.inputs[0]) == 0) return;
  if (o == "Conv") return convolution(node);
  if (o == "Gemm" || o == "MatMul") return product(node);
  if (o == "Mul") return elementwise(node, Kind::multiply);
  if (o == "Add") return elementwise(node, Kind::add);
  if (o == "Sigmoid") return elementwise(node, Kind::sigmoid);
  if (o == "GlobalAveragePool") return average(node);
  if (o == "MaxPool") return maximum(node);
  if (o == "Concat") return concatenation(node);
  if (o == "Reshape" || o == "Flatten") return renamed(node);
  unknown(o);
}

const OnnxTensor& Planner::constant(const OnnxNode& node, std::size_t input) const {
  if (input >= node.inputs.size()) unknown(node.operation);
  const auto found = graph_.constants.find(node.inputs[input]);
  if (found == graph_.constants.end() || found->second.numbers.empty()) unknown(node.operation);
  return found->second;
}

std::size_t Planner::map_of(const OnnxNode& node, std::size_t input) const {
  if (input >= node.inputs.size()) unknown(node.operation);
  const auto found = values_.find(node.inputs[input]);
  if (found == values_.end()) unknown(node.operation);
  return found->second;
}

const OnnxNode* Planner::only_reader(const std::string& name) const {
  const auto found = readers_.find(name);
  if (kept_.count(name) != 0 || found == readers_.end() || found->second.size() != 1) return nullptr;
  return found->second.front();
}

// The other operand of a node of two, when it is a constant.
const OnnxTensor* Planner::constant_beside(const OnnxNode& node, const std::string& name) const {
  if (node.inputs.size() != 2) return nullptr;
  const auto found = graph_.constants.find(node.inputs[node.inputs[0] == name ? 1 : 0]);
  return found == graph_.constants.end() || found->second.numbers.empty() ? nullptr : &found->second;
}

void Planner::finish(NetStep step, const NetMap& target, const std::string& name) {
  const std::int64_t numbers = std::int64_t{1} * target.blocks() * kBlock * target.width * target.height;
  if (target.width > kSideMax || target.height > kSideMax || numbers > kNumbersMax) unknown("a map too large");
  step.to = plan_.maps.size();
  values_[name] = step.to;
  plan_.maps.push_back(target);
  plan_.steps.push_back(std::move(step));
}

void scale_outputs(NetConvolution& c, const std::vector<float>& factors) {
  const std::size_t each = c.weights.size() / c.bias.size();
  for (std::size_t i = 0; i < c.weights.size(); ++i) c.weights[i] *= factors[i / each];
  for (std::size_t i = 0; i < c.bias.size(); ++i) c.bias[i] *= factors[i];
}

bool Planner::absorb_sum(NetStep& step, const NetMap& target, const OnnxNode& node, const std::string& name) {
  if (node.inputs.size() != 2) return false;
  const auto other = values_.find(node.inputs[node.inputs[0] == name ? 1 : 0]);
  if (other == values_.end() || !same_size(plan_.maps[other->second], target)) return false;
  step.from.push_back(other->second);
  return true;
}

// What follows a convolution channel by channel becomes part of it.
bool Planner::absorb_one(NetStep& step, const NetMap& target, const OnnxNode& node, const std::string& name) {
  NetConvolution& c = step.shape;
  const std::size_t outputs = c.bias.size();
  if (node.operation == "Relu") {
    c.slope.assign(outputs, 0);
    return true;
  }
  if (node.operation == "PRelu") {
    const std::vector<float>& slope = constant(node, 1).numbers;
    expect(slope.size() == outputs || slope.size() == 1, node);
    c.slope = slope.size() == 1 ? std::vector<float>(outputs, slope[0]) : slope;
    return true;
  }
  if (step.from.size() > 1) return false;
  if (node.operation == "Add") return absorb_sum(step, target, node, name);
  if (node.operation == "Mul") {
    const OnnxTensor* factor = constant_beside(node, name);
    if (factor == nullptr || factor->numbers.size() != 1) return false;
    scale_outputs(c, std::vector<float>(outputs, factor->numbers[0]));
    return true;
  }
  if (node.operation == "BatchNormalization") {
    std::vector<float> factors = constant(node, 1).numbers;
    const std::vector<float>&shift = constant(node, 2).numbers, &mean = constant(node, 3).numbers,
          &variance = constant(node, 4).numbers;
    for (const auto* numbers : {&std::as_const(factors), &shift, &mean, &variance})
      expect(numbers->size() == outputs, node);
    for (std::size_t i = 0; i < outputs; ++i) {
      factors[i] /= std::sqrt(variance[i] + node.real_or("epsilon", 1e-5F));
      c.bias[i] -= mean[i];
    }
    scale_outputs(c, factors);
    for (std::size_t i = 0; i < outputs; ++i) c.bias[i] += shift[i];
    return true;
  }
  return false;
}

// Returns the name of what the step gives then.
std::string Planner::absorb(NetStep& step, const NetMap& target, std::string name) {
  while (const OnnxNode* reader = only_reader(name)) {
    if (!step.shape.slope.empty() || !absorb_one(step, target, *reader, name)) break;
    needed_.erase(reader);
    name = reader->outputs.front();
  }
  if (step.shape.slope.empty()) step.shape.slope.assign(step.shape.bias.size(), 1);
  return name;
}

int windows_in(int side, int window, const NetConvolution& c) {
  const int reach = c.dilation * (window - 1) + 1, room = side + 2 * c.padding - reach;
  if (room < 0 || c.stride < 1) unknown("a window larger than its map");
  return room / c.stride + 1;
}

void read_window(const OnnxNode& node, NetConvolution& c) {
  expect(node.integers.count("auto_pad") == 0 && alike(node, "ceil_mode", 0, 1) == 0, node);
  c.stride = alike(node, "strides", 1, 2);
  c.padding = alike(node, "pads", 0, kPaddingMax);
  c.dilation = alike(node, "dilations", 1, kPaddingMax);
  expect(c.stride >= 1 && c.dilation >= 1, node);
}

void Planner::convolution(const OnnxNode& node) {
  NetStep step;
  NetConvolution& c = step.shape;
  read_window(node, c);
  const OnnxTensor& weights = constant(node, 1);
  step.from = {map_of(node, 0)};
  NetMap& source = plan_.maps[step.from[0]];
  expect(weights.shape.size() == 4, node);
  for (const std::int64_t side : weights.shape) expect(side >= 1 && side <= kChannelsMax, node);
  expect(weights.shape[2] <= kWindowMax && weights.shape[3] <= kWindowMax, node);
  c.inputs = source.channels;
  c.outputs = static_cast<int>(weights.shape[0]);
  c.side_y = static_cast<int>(weights.shape[2]);
  c.side_x = static_cast<int>(weights.shape[3]);
  c.weights = weights.numbers;
  const std::int64_t groups = node.integers_or("group", {1}).front();
  c.depthwise = groups != 1;
  if (c.depthwise) {
    expect(groups == c.inputs && c.outputs == c.inputs && weights.shape[1] == 1 && !source.picture, node);
    expect(c.side_x == c.side_y && c.dilation == 1, node);
  } else {
    expect(weights.shape[1] == c.inputs && dense_step_known(source.pixel() * c.stride), node);
  }
  step.kind = c.depthwise ? Kind::depthwise : Kind::dense;
  c.bias = node.inputs.size() > 2 ? constant(node, 2).numbers : std::vector<float>(static_cast<std::size_t>(c.outputs));
  expect(c.bias.size() == static_cast<std::size_t>(c.outputs), node);
  source.border = std::max(source.border, c.padding);
  NetMap target;
  target.channels = c.outputs;
  target.width = windows_in(source.width, c.side_x, c);
  target.height = windows_in(source.height, c.side_y, c);
  const std::string name = absorb(step, target, node.outputs.front());
  finish(std::move(step), target, name);
}

std::vector<float> transposed(const std::vector<float>& from, std::size_t rows, std::size_t columns) {
  std::vector<float> to(from.size());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) to[c * rows + r] = from[r * columns + c];
  return to;
}

// A layer without a window is a convolution whose window is the map.
void Planner::product(const OnnxNode& node) {
  NetStep step;
  NetConvolution& c = step.shape;
  step.from = {map_of(node, 0)};
  const NetMap& source = plan_.maps[step.from[0]];
  const OnnxTensor& weights = constant(node, 1);
  expect(!source.picture && weights.shape.size() == 2, node);
  expect(alike(node, "transA", 0, 1) == 0 && node.real_or("alpha", 1) == 1 && node.real_or("beta", 1) == 1, node);
  const bool output_first = alike(node, "transB", 0, 1) == 1;
  const std::int64_t outputs = weights.shape[output_first ? 0 : 1], inputs = weights.shape[output_first ? 1 : 0];
  expect(outputs >= 1 && outputs <= kChannelsMax, node);
  expect(inputs == std::int64_t{1} * source.channels * source.width * source.height, node);
  c.inputs = source.channels;
  c.outputs = static_cast<int>(outputs);
  c.side_x = source.width;
  c.side_y = source.height;
  c.weights = output_first
                  ? weights.numbers
                  : transposed(weights.numbers, static_cast<std::size_t>(inputs), static_cast<std::size_t>(outputs));
  c.bias = node.inputs.size() > 2 ? constant(node, 2).numbers : std::vector<float>(static_cast<std::size_t>(outputs));
  expect(c.bias.size() == static_cast<std::size_t>(outputs), node);
  NetMap target;
  target.channels = c.outputs;
  target.width = target.height = 1;
  const std::string name = absorb(step, target, node.outputs.front());
  finish(std::move(step), target, name);
}

void Planner::elementwise(const OnnxNode& node, Kind kind) {
  NetStep step;
  step.kind = kind;
  step.from = {map_of(node, 0)};
  NetMap target = plan_.maps[step.from[0]];
  expect(!target.picture, node);
  target.border = 0;
  if (kind != Kind::sigmoid) {
    expect(node.inputs.size() == 2, node);
    step.from.push_back(map_of(node, 1));
    const NetMap& other = plan_.maps[step.from[1]];
    const bool by_channel = other.channels == target.channels && other.width == 1 && other.height == 1;
    expect(same_size(target, other) || (kind == Kind::multiply && by_channel), node);
  }
  finish(std::move(step), target, node.outputs.front());
}

void Planner::average(const OnnxNode& node) {
  NetStep step;
  step.kind = Kind::average;
  step.from = {map_of(node, 0)};
  NetMap target;
  target.channels = plan_.maps[step.from[0]].channels;
  target.width = target.height = 1;
  expect(!plan_.maps[step.from[0]].picture, node);
  finish(std::move(step), target, node.outputs.front());
}

void Planner::maximum(const OnnxNode& node) {
  NetStep step;
  step.kind = Kind::maximum;
  step.from = {map_of(node, 0)};
  NetConvolution& c = step.shape;
  read_window(node, c);
  c.side_x = c.side_y = alike(node, "kernel_shape", 0, kWindowMax);
  const NetMap& source = plan_.maps[step.from[0]];
  expect(!source.picture && c.side_x > c.padding && c.dilation == 1, node);
  NetMap target;
  target.channels = source.channels;
  target.width = windows_in(source.width, c.side_x, c);
  target.height = windows_in(source.height, c.side_y, c);
  finish(std::move(step), target, node.outputs.front());
}

// By whole blocks of channels only.
void Planner::concatenation(const OnnxNode& node) {
  expect(node.integers_or("axis", {0}).front() == 1, node);
  NetStep step;
  step.kind = Kind::concatenate;
  NetMap target = plan_.maps[map_of(node, 0)];
  target.border = target.channels = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    step.from.push_back(map_of(node, i));
    const NetMap& part = plan_.maps[step.from.back()];
    expect(!part.picture && part.width == target.width && part.height == target.height, node);
    expect(target.channels % kBlock == 0 && target.channels + part.channels <= kChannelsMax, node);
    target.channels += part.channels;
  }
  finish(std::move(step), target, node.outputs.front());
}

// As a row of numbers: of a map of one pixel they are that already, and layers without a window take any.
void Planner::renamed(const OnnxNode& node) {
  const std::size_t map = map_of(node, 0);
  const bool pixel = plan_.maps[map].width == 1 && plan_.maps[map].height == 1;
  expect(pixel || (node.operation == "Flatten" && alike(node, "axis", 1, 8) == 1), node);
  values_[node.outputs.front()] = map;
}

NetPlan Planner::take(const NetInput& input) {
  place_maps(plan_);
  for (NetStep& step : plan_.steps) {
    if (step.kind != Kind::dense && step.kind != Kind::depthwise) continue;
    const NetMap& source = plan_.maps[step.from[0]];
    step.packed = PackedConvolution(step.shape, source, source.picture && input.reversed);
    // Assigning {} would keep their memory.
    for (std::vector<float>* file : {&step.shape.weights, &step.shape.bias, &step.shape.slope})
      std::vector<float>().swap(*file);
  }
  return std::move(plan_);
}

}  // namespace

NetPlan plan_net(const OnnxGraph& graph, const NetInput& input, const std::vector<std::string>& outputs) {
  return Planner(graph, input, outputs).take(input);
}

}  // namespace faceauth::vision
