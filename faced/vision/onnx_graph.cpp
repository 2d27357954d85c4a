#include <faced/vision/onnx_graph.h>

#include <bit>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace faceauth::vision {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in the file");

constexpr std::size_t kNodesMax = 4096, kDimensionsMax = 8, kListMax = 4096;
constexpr std::int64_t kFloatType = 1, kNumbersMax = std::int64_t{1} << 27;

[[noreturn]] void malformed() { throw std::runtime_error("no ONNX file"); }

// The fields of one message, one after the other.
class Message {
 public:
  explicit Message(std::string_view message) : rest_(message) {}

  bool next() {
    if (rest_.empty()) return false;
    const std::uint64_t key = varint(rest_);
    field = key >> 3;
    wire = static_cast<int>(key & 7);
    switch (wire) {
      case 0:
        number = static_cast<std::int64_t>(varint(rest_));
        break;
      case 1:
        bytes = take(8);
        break;
      case 2:
        bytes = take(varint(rest_));
        break;
      case 5:
        bytes = take(4);
        break;
      default:
        malformed();
    }
    return true;
  }

  // The field's text or message.
  [[nodiscard]] std::string_view held() const {
    if (wire != 2) malformed();
    return bytes;
  }
  // Whole numbers come one by one or in a row.
  void append_to(std::vector<std::int64_t>& list) const {
    if (wire == 0) return list.push_back(number);
    for (std::string_view row = held(); !row.empty();) {
      if (list.size() >= kListMax) malformed();
      list.push_back(static_cast<std::int64_t>(varint(row)));
    }
  }
  [[nodiscard]] float real() const {
    if (wire != 5) malformed();
    float value = 0;
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  std::uint64_t field = 0;
  std::int64_t number = 0;
  int wire = 0;
  std::string_view bytes;

 private:
  static std::uint64_t varint(std::string_view& from) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(from.front());
      from.remove_prefix(1);
      value |= std::uint64_t{byte & 127U} << shift;
      if (byte < 128) return value;
    }
    malformed();
  }
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) malformed();
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
};

std::int64_t numbers_in(const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  if (shape.size() > kDimensionsMax) malformed();
  for (const std::int64_t side : shape) {
    if (side < 0 || side > kNumbersMax || count * side > kNumbersMax) malformed();
    count *= side;
  }
  return count;
}

std::vector<float> floats_in(std::string_view bytes) {
  if (bytes.size() % sizeof(float) != 0) malformed();
  std::vector<float> numbers(bytes.size() / sizeof(float));
  if (!bytes.empty()) std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

std::pair<std::string, OnnxTensor> tensor(std::string_view bytes) {
  std::string name;
  OnnxTensor out;
  std::int64_t type = 0;
  std::string_view raw;
  for (Message m(bytes); m.next();) {
    if (m.field == 1) m.append_to(out.shape);
    if (m.field == 2) type = m.number;
    if (m.field == 4 && m.wire == 2) raw = m.bytes;
    if (m.field == 8) name = m.held();
    if (m.field == 9) raw = m.held();
  }
  const std::int64_t count = numbers_in(out.shape);
  if (type != kFloatType) return {name, out};
  out.numbers = floats_in(raw);
  if (static_cast<std::int64_t>(out.numbers.size()) != count) malformed();
  return {name, out};
}

void attribute(std::string_view bytes, OnnxNode& node, OnnxTensor& value) {
  std::string name;
  std::vector<std::int64_t> integers;
  std::optional<float> real;
  for (Message m(bytes); m.next();) {
    if (m.field == 1) name = m.held();
    if (m.field == 2) real = m.real();
    if (m.field == 3 || m.field == 8) m.append_to(integers);
    if (m.field == 4 && m.held() != "NOTSET") integers = {-1};  // a word: nothing that we know has one
    if (m.field == 5) value = tensor(m.held()).second;
  }
  if (real) node.reals[name] = *real;
  if (!integers.empty()) node.integers[name] = std::move(integers);
}

std::string value_name(std::string_view bytes) {
  for (Message m(bytes); m.next();)
    if (m.field == 1) return std::string(m.held());
  malformed();
}

void add_node(std::string_view bytes, OnnxGraph& graph) {
  OnnxNode node;
  OnnxTensor value;
  for (Message m(bytes); m.next();) {
    if (m.field == 1) node.inputs.emplace_back(m.held());
    if (m.field == 2) node.outputs.emplace_back(m.held());
    if (m.field == 4) node.operation = m.held();
    if (m.field == 5) attribute(m.held(), node, value);
  }
  if (node.outputs.empty() || graph.nodes.size() >= kNodesMax) malformed();
  if (node.operation == "Constant")
    graph.constants[node.outputs.front()] = std::move(value);
  else
    graph.nodes.push_back(std::move(node));
}

OnnxGraph graph_in(std::string_view bytes) {
  OnnxGraph graph;
  std::vector<std::string> inputs;
  for (Message m(bytes); m.next();) {
    if (m.field == 1) add_node(m.held(), graph);
    if (m.field == 5) graph.constants.insert(tensor(m.held()));
    if (m.field == 11) inputs.push_back(value_name(m.held()));
    if (m.field == 12) graph.outputs.push_back(value_name(m.held()));
  }
  for (std::string& input : inputs)
    if (graph.constants.count(input) == 0) graph.inputs.push_back(std::move(input));
  return graph;
}

}  // namespace

std::vector<std::int64_t> OnnxNode::integers_or(const std::string& attribute,
                                                std::vector<std::int64_t> otherwise) const {
  const auto found = integers.find(attribute);
  return found == integers.end() ? std::move(otherwise) : found->second;
}

float OnnxNode::real_or(const std::string& attribute, float otherwise) const {
  const auto found = reals.find(attribute);
  return found == reals.end() ? otherwise : found->second;
}

std::optional<OnnxGraph> read_onnx(std::string_view bytes) {
  constexpr std::uint64_t kGraphField = 7;
  try {
    for (Message m(bytes); m.next();)
      if (m.field == kGraphField) return graph_in(m.held());
  } catch (const std::runtime_error&) {
  }
  return std::nullopt;
}

}  // namespace faceauth::vision
