#include <faced/vision/conv_net.h>
#include <faced/vision/conv_net_plan.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

namespace faceauth::vision {
namespace {

using Kind = NetStep::Kind;

// A map and its numbers.
struct Numbers {
  const NetMap& map;
  float* memory;

  [[nodiscard]] float* at(int block, int y, int x) const {
    return memory + map.place + map.inside() + block * map.plane() + std::ptrdiff_t{1} * y * map.row() +
           std::ptrdiff_t{1} * x * map.pixel();
  }
};

template <class Do>
void each_pixel(const NetMap& map, Do act) {
  for (int block = 0; block < map.blocks(); ++block)
    for (int y = 0; y < map.height; ++y)
      for (int x = 0; x < map.width; ++x) act(block, y, x);
}

void average(const Numbers& from, const Numbers& to) {
  const float share = 1 / (static_cast<float>(from.map.width) * static_cast<float>(from.map.height));
  for (int block = 0; block < to.map.blocks(); ++block) std::fill_n(to.at(block, 0, 0), kBlock, 0.0F);
  each_pixel(from.map, [&](int block, int y, int x) {
    const float* const in = from.at(block, y, x);
    float* const sum = to.at(block, 0, 0);
    for (int i = 0; i < kBlock; ++i) sum[i] += in[i];
  });
  for (int block = 0; block < to.map.blocks(); ++block)
    for (int i = 0; i < kBlock; ++i) to.at(block, 0, 0)[i] *= share;
}

void maximum(const Numbers& from, const NetConvolution& window, const Numbers& to) {
  each_pixel(to.map, [&](int block, int y, int x) {
    float* const most = to.at(block, y, x);
    std::fill_n(most, kBlock, -std::numeric_limits<float>::infinity());
    const int top = y * window.stride - window.padding, left = x * window.stride - window.padding;
    for (int v = std::max(top, 0); v < std::min(top + window.side_y, from.map.height); ++v)
      for (int u = std::max(left, 0); u < std::min(left + window.side_x, from.map.width); ++u) {
        const float* const in = from.at(block, v, u);
        for (int i = 0; i < kBlock; ++i) most[i] = std::max(in[i], most[i]);
      }
  });
}

template <class Operation>
void elementwise(const Numbers& from, const Numbers& other, const Numbers& to, Operation operation) {
  const bool by_channel = other.map.width == 1 && other.map.height == 1;
  each_pixel(to.map, [&](int block, int y, int x) {
    const float *const a = from.at(block, y, x), *const b = by_channel ? other.at(block, 0, 0) : other.at(block, y, x);
    float* const out = to.at(block, y, x);
    for (int i = 0; i < kBlock; ++i) out[i] = operation(a[i], b[i]);
  });
}

void copy_blocks(const Numbers& from, int first, const Numbers& to) {
  for (int block = 0; block < from.map.blocks(); ++block)
    for (int y = 0; y < from.map.height; ++y)
      std::copy_n(from.at(block, y, 0), from.map.width * kBlock, to.at(first + block, y, 0));
}

ConvNet::Output empty_output(const NetMap& map) {
  const auto count = static_cast<std::size_t>(map.channels) * static_cast<std::size_t>(map.width) *
                     static_cast<std::size_t>(map.height);
  return {map.channels, map.width, map.height, std::vector<float>(count)};
}

}  // namespace

std::unique_ptr<ConvNet> ConvNet::make(const OnnxGraph& graph, const NetInput& input,
                                       const std::vector<std::string>& outputs, const Kernels& kernels) {
  try {
    return std::unique_ptr<ConvNet>(new ConvNet(plan_net(graph, input, outputs), input, kernels));
  } catch (const std::invalid_argument&) {
    return nullptr;
  }
}

ConvNet::ConvNet(NetPlan plan, const NetInput& input, const Kernels& kernels)
    : kernels_(kernels),
      plan_(std::make_unique<const NetPlan>(std::move(plan))),
      mean_(input.mean),
      factor_(input.factor) {
  if (input.reversed) {
    std::reverse(mean_.begin(), mean_.begin() + input.channels);
    std::reverse(factor_.begin(), factor_.begin() + input.channels);
  }
  for (const std::size_t map : plan_->outputs) outputs_.push_back(empty_output(plan_->maps[map]));
}

ConvNet::~ConvNet() = default;

void ConvNet::take_picture(const std::uint8_t* picture, std::size_t row) {
  const Numbers to{plan_->maps[0], memory_.data()};
  zero_border(to.map, memory_.data());
  const int channels = to.map.channels;
  for (int y = 0; y < to.map.height; ++y) {
    const std::uint8_t* from = picture + static_cast<std::size_t>(y) * row;
    float* out = to.at(0, y, 0);
    for (int x = 0; x < to.map.width; ++x)
      for (int channel = 0; channel < channels; ++channel) {
        const auto c = static_cast<std::size_t>(channel);
        *out++ = (static_cast<float>(*from++) - mean_[c]) * factor_[c];
      }
  }
}

void ConvNet::convolve(const NetStep& step) {
  const NetConvolution& shape = step.shape;
  const NetMap &source = plan_->maps[step.from[0]], &to = plan_->maps[step.to];
  LayerTarget target;
  target.bias = step.packed.bias.data();
  target.slope = step.packed.slope.data();
  if (step.from.size() > 1) {
    const NetMap& added = plan_->maps[step.from[1]];
    target.added = Numbers{added, memory_.data()}.at(0, 0, 0);
    target.added_row = added.row();
    target.added_plane = added.plane();
  }
  target.numbers = Numbers{to, memory_.data()}.at(0, 0, 0);
  target.row = to.row();
  target.plane = to.plane();
  target.width = to.width;
  target.height = to.height;
  target.blocks = to.blocks();
  const float* const first = memory_.data() + source.place + source.inside(shape.padding);
  if (step.kind == Kind::depthwise)
    return kernels_.depthwise(
        {first, source.row(), source.plane(), shape.stride, shape.side_x, step.packed.weights.data(), target});
  kernels_.dense({first, source.row() * shape.stride, source.pixel() * shape.stride, step.packed.runs.data(),
                  static_cast<int>(step.packed.runs.size()), step.packed.window, step.packed.weights.data(), target});
}

void ConvNet::run(const NetStep& step) {
  const Numbers to{plan_->maps[step.to], memory_.data()}, from{plan_->maps[step.from[0]], memory_.data()};
  const Numbers other{plan_->maps[step.from.back()], memory_.data()};
  zero_border(to.map, memory_.data());
  switch (step.kind) {
    case Kind::dense:
    case Kind::depthwise:
      return convolve(step);
    case Kind::average:
      return average(from, to);
    case Kind::maximum:
      return maximum(from, step.shape, to);
    case Kind::sigmoid:
      return elementwise(from, from, to, [](float value, float) { return 1 / (1 + std::exp(-value)); });
    case Kind::multiply:
      return elementwise(from, other, to, [](float a, float b) { return a * b; });
    case Kind::add:
      return elementwise(from, other, to, [](float a, float b) { return a + b; });
    case Kind::concatenate:
      break;
  }
  int first = 0;
  for (const std::size_t part : step.from) {
    copy_blocks({plan_->maps[part], memory_.data()}, first, to);
    first += plan_->maps[part].blocks();
  }
}

void ConvNet::run(const std::uint8_t* picture, std::size_t row) {
  if (memory_.empty()) memory_ = Floats(plan_->memory);
  take_picture(picture, row);
  for (const NetStep& step : plan_->steps) run(step);
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    const Numbers from{plan_->maps[plan_->outputs[i]], memory_.data()};
    Output& output = outputs_[i];
    float* to = output.numbers.data();
    for (int y = 0; y < output.height; ++y)
      for (int x = 0; x < output.width; ++x)
        for (int channel = 0; channel < output.channels; ++channel)
          *to++ = from.at(channel / kBlock, y, x)[channel % kBlock];
  }
}

}  // namespace faceauth::vision
