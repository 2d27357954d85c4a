#include <faced/vision/face_net.h>

#include <algorithm>
#include <stdexcept>

namespace faceauth::vision {
namespace {

constexpr int kPictureSide = 150;
constexpr int kStemSide = 72;  // after the first convolution

// From the picture on. Every level but the first begins with a block that halves its resolution.
struct Shape {
  int width, channels, blocks;
};
constexpr std::array<Shape, 5> kShapes{{{35, 32, 3}, {17, 64, 4}, {8, 128, 3}, {4, 256, 3}, {2, 256, 1}}};

[[noreturn]] void wrong_weights() { throw std::runtime_error("the weights are not those of dlib's face network"); }

std::size_t filter_size(const ConvolutionWeights& w) {
  return static_cast<std::size_t>(w.inputs) * static_cast<std::size_t>(w.side) * static_cast<std::size_t>(w.side);
}

void expect(const ConvolutionWeights& w, int inputs, int outputs, int side) {
  if (w.inputs != inputs || w.outputs != outputs || w.side != side) wrong_weights();
  const auto channels = static_cast<std::size_t>(outputs);
  if (w.filters.size() != channels * filter_size(w) || w.bias.size() != channels) wrong_weights();
}

// All dimensions at once, so that nothing after this can reach beyond an array.
void expect_network(const DlibWeights& weights) {
  auto next = weights.convolutions.begin();
  std::size_t wanted = 1;
  for (const Shape& level : kShapes) wanted += static_cast<std::size_t>(2 * level.blocks);
  if (weights.convolutions.size() != wanted) wrong_weights();
  expect(*next++, 3, kShapes[0].channels, 7);
  int inputs = kShapes[0].channels;
  for (const Shape& level : kShapes)
    for (int convolution = 0; convolution < 2 * level.blocks; ++convolution) {
      expect(*next++, inputs, level.channels, 3);
      inputs = level.channels;
    }
  if (weights.last.size() != static_cast<std::size_t>(inputs) * kDlibDims) wrong_weights();
}

// Of a map of one pixel a 3x3 window sees its middle and zeros.
ConvolutionWeights middle_of(const ConvolutionWeights& w) {
  ConvolutionWeights middle{w.inputs, w.outputs, 1, {}, w.bias};
  const std::size_t area = static_cast<std::size_t>(w.side) * static_cast<std::size_t>(w.side);
  for (std::size_t i = area / 2; i < w.filters.size(); i += area) middle.filters.push_back(w.filters[i]);
  return middle;
}

// The layer without a window, as a convolution.
ConvolutionWeights last_layer(const std::vector<float>& weights) {
  const std::size_t inputs = weights.size() / kDlibDims;
  ConvolutionWeights last{static_cast<int>(inputs), static_cast<int>(kDlibDims), 1, {}, {}};
  for (std::size_t output = 0; output < kDlibDims; ++output)
    for (std::size_t input = 0; input < inputs; ++input) last.filters.push_back(weights[input * kDlibDims + output]);
  last.bias.resize(kDlibDims);
  return last;
}

// [output / kChannelGroup][row][column][input][output in the group]: the order in which they are read.
Floats filters_packed(const ConvolutionWeights& w) {
  const std::size_t size = filter_size(w), inputs = static_cast<std::size_t>(w.inputs), area = size / inputs;
  Floats packed(w.filters.size());
  const float* next = w.filters.data();
  for (std::size_t output = 0; output < w.bias.size(); ++output) {
    const std::size_t group = output / kChannelGroup, in_group = output % kChannelGroup;
    float* const first = packed.data() + group * size * kChannelGroup + in_group;
    for (std::size_t input = 0; input < inputs; ++input)
      for (std::size_t place = 0; place < area; ++place) first[(place * inputs + input) * kChannelGroup] = *next++;
  }
  return packed;
}

std::size_t numbers_in(int width, int channels) {
  return static_cast<std::size_t>(width) * static_cast<std::size_t>(width) * static_cast<std::size_t>(channels);
}

}  // namespace

FaceNet::Map::Map(int its_width, int its_channels, int its_border)
    : width(its_width),
      channels(its_channels),
      border(its_border),
      numbers(numbers_in(its_width + 2 * its_border, its_channels)) {}

FaceNet::Packed::Packed(const ConvolutionWeights& w)
    : inputs(w.inputs), outputs(w.outputs), side(w.side), filters(filters_packed(w)), bias(w.bias.size()) {
  std::copy(w.bias.begin(), w.bias.end(), bias.data());
}

FaceNet::Maps::Maps()
    : picture(kPictureSide, 3, 0),
      stem(kStemSide, kShapes[0].channels, 0),
      mean(1, kShapes.back().channels, 0),
      encoding(1, static_cast<int>(kDlibDims), 0) {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const Shape& shape = kShapes[i];
    levels[i] = {Map(shape.width, shape.channels, 1), Map(shape.width, shape.channels, 1), {}};
    if (i > 0) levels[i].halved = Map((kShapes[i - 1].width - 3) / 2 + 1, shape.channels, 1);
  }
}

FaceNet::FaceNet(const DlibWeights& weights, const Kernels& kernels) : kernels_(kernels) {
  expect_network(weights);
  for (const ConvolutionWeights& convolution : weights.convolutions) convolutions_.emplace_back(convolution);
  convolutions_.back() = Packed(middle_of(weights.convolutions.back()));
  convolutions_.emplace_back(last_layer(weights.last));
}

// `width` of the target may be less than its map's.
void FaceNet::convolve(const Packed& weights, Map& from, Map& to, const Step& step) {
  const bool padded = weights.side > 1 && step.stride == 1;
  Convolution c;
  c.source = padded ? from.numbers.data() : from.inside();
  c.source_row = from.row();
  c.stride = step.stride;
  c.window_rows = weights.side;
  c.window_row = weights.side * weights.inputs;
  c.weights = weights.filters.data();
  c.bias = weights.bias.data();
  c.target = to.inside();
  c.target_row = to.row();
  c.outputs = weights.outputs;
  c.add = step.add;
  c.relu = step.relu;
  const Convolve run = kernels_.convolve(step.stride * weights.inputs, step.width);
  if (run == nullptr) wrong_weights();
  run(c);
}

void FaceNet::halve(Map& from, Level& to, const Packed* weights) {
  const int width = to.halved.width;
  kernels_.average_pool(from.inside(), from.row(), from.channels, to.map.inside(), to.map.row(), to.map.width,
                        to.map.channels);
  convolve(weights[0], from, to.halved, {.width = width, .stride = 2});
  convolve(weights[1], to.halved, to.map, {.width = width, .add = true});
}

std::array<float, kDlibDims> FaceNet::encode(const cv::Mat& chip) {
  if (chip.type() != CV_8UC3 || chip.rows != kPictureSide || chip.cols != kPictureSide)
    throw std::invalid_argument("a chip of another size");
  if (!maps_) maps_ = std::make_unique<Maps>();
  auto& [picture, stem, mean, encoded, levels] = *maps_;
  for (int y = 0; y < kPictureSide; ++y)
    kernels_.widen(chip.ptr(y), picture.inside() + y * picture.row(), static_cast<std::size_t>(picture.row()));
  const Packed* weights = convolutions_.data();
  convolve(*weights++, picture, stem, {.width = kStemSide, .stride = 2});
  Level* level = levels.data();
  kernels_.max_pool(stem.inside(), stem.row(), level->map.inside(), level->map.row(), level->map.width, stem.channels);
  for (std::size_t i = 0; i < kShapes.size(); ++i, ++level) {
    int blocks = kShapes[i].blocks;
    if (i > 0) {
      halve(level[-1].map, *level, weights);
      weights += 2;
      --blocks;
    }
    for (; blocks > 0; --blocks, weights += 2) {
      convolve(weights[0], level->map, level->within, {.width = level->map.width});
      convolve(weights[1], level->within, level->map, {.width = level->map.width, .add = true});
    }
  }
  Map& top = levels.back().map;
  kernels_.average_pool(top.inside(), top.row(), top.channels, mean.inside(), mean.row(), 1, top.channels);
  convolve(*weights, mean, encoded, {.width = 1, .relu = false});
  std::array<float, kDlibDims> encoding{};
  std::copy_n(encoded.inside(), encoding.size(), encoding.begin());
  return encoding;
}

}  // namespace faceauth::vision
