#include <faced/vision/face_kernels.h>
#include <faced/vision/net_layers.h>

#include <algorithm>

namespace faceauth::vision {
namespace {

std::size_t rounded_up(int count, int to) { return static_cast<std::size_t>((count + to - 1) / to * to); }

Floats padded(const std::vector<float>& from, std::size_t count, float rest) {
  Floats to(count);
  std::copy(from.begin(), from.end(), to.data());
  std::fill(to.data() + from.size(), to.data() + count, rest);
  return to;
}

// Where a number of the window lies in the file's weights of one output.
std::size_t place_in_file(const NetConvolution& c, int input, int y, int x) {
  return static_cast<std::size_t>((input * c.side_y + y) * c.side_x + x);
}

class DensePacker {
 public:
  DensePacker(const NetConvolution& from, const NetMap& source, bool reversed)
      : from_(from), source_(source), reversed_(reversed) {
    for (int block = 0; block < source.blocks(); ++block)
      for (int y = 0; y < from.side_y; ++y)
        for (int x = 0; x < from.side_x; ++x) add_pixel(block, y, x);
  }

  std::vector<Run> runs;
  std::vector<std::size_t> order;  // of the file's weights

 private:
  void add_pixel(int block, int y, int x) {
    const int first = block * source_.pixel(), count = std::min(source_.pixel(), from_.inputs - first);
    const std::ptrdiff_t offset = block * source_.plane() + std::ptrdiff_t{1} * y * from_.dilation * source_.row() +
                                  std::ptrdiff_t{1} * x * from_.dilation * source_.pixel();
    if (!runs.empty() && runs.back().offset + runs.back().length == offset)
      runs.back().length += count;
    else
      runs.push_back({offset, count});
    for (int i = first; i < first + count; ++i)
      order.push_back(place_in_file(from_, reversed_ ? from_.inputs - 1 - i : i, y, x));
  }

  const NetConvolution& from_;
  const NetMap& source_;
  bool reversed_;
};

Floats pack_dense(const NetConvolution& from, const std::vector<std::size_t>& order) {
  Floats to(rounded_up(from.outputs, kChannelGroup) * order.size());
  for (std::size_t output = 0; output < static_cast<std::size_t>(from.outputs); ++output) {
    const float* const weights = from.weights.data() + output * order.size();
    float* const first = to.data() + output / kChannelGroup * kChannelGroup * order.size() + output % kChannelGroup;
    for (std::size_t i = 0; i < order.size(); ++i) first[i * kChannelGroup] = weights[order[i]];
  }
  return to;
}

Floats pack_depthwise(const NetConvolution& from) {
  const std::size_t area = static_cast<std::size_t>(from.side_y) * static_cast<std::size_t>(from.side_x);
  Floats to(rounded_up(from.outputs, kBlock) * area);
  for (std::size_t channel = 0; channel < static_cast<std::size_t>(from.outputs); ++channel)
    for (std::size_t i = 0; i < area; ++i)
      to.data()[(channel / kBlock * area + i) * kBlock + channel % kBlock] = from.weights[channel * area + i];
  return to;
}

}  // namespace

PackedConvolution::PackedConvolution(const NetConvolution& from, const NetMap& source, bool reversed)
    : bias(padded(from.bias, rounded_up(from.outputs, kChannelGroup), 0)),
      slope(padded(from.slope, rounded_up(from.outputs, kChannelGroup), 1)) {
  if (from.depthwise) {
    weights = pack_depthwise(from);
    return;
  }
  DensePacker packer(from, source, reversed);
  weights = pack_dense(from, packer.order);
  window = static_cast<std::ptrdiff_t>(packer.order.size());
  runs = std::move(packer.runs);
}

void zero_border(const NetMap& map, float* memory) {
  if (map.border == 0) return;
  const int row = map.row(), side = map.border * map.pixel();
  for (int block = 0; block < map.blocks(); ++block) {
    float* at = memory + map.place + static_cast<std::size_t>(block * map.plane());
    // The end of a row and the beginning of the next lie side by side.
    std::fill_n(at, map.border * row + side, 0.0F);
    at += map.border * row + row - side;
    for (int y = 1; y < map.height; ++y, at += row) std::fill_n(at, 2 * side, 0.0F);
    std::fill_n(at, side + map.border * row, 0.0F);
  }
}

}  // namespace faceauth::vision
