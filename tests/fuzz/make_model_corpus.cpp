// Seeds for what is read of networks: ONNX files, made field by field as protobuf writes them, and encoders'
// descriptions.
#include "make_corpus.h"

#include <tests/support/built.h>
#include <cstddef>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace {

using Input = std::vector<std::uint8_t>;
using Shape = std::vector<std::uint64_t>;
using Names = std::initializer_list<std::string_view>;

class Message {
 public:
  Message& number(unsigned field, std::uint64_t value) {
    varint(field << 3);
    varint(value);
    return *this;
  }
  Message& real(unsigned field, float value) {
    varint(field << 3 | 5);
    std::uint8_t raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.insert(bytes_.end(), raw, raw + sizeof value);
    return *this;
  }
  Message& bytes(unsigned field, const Input& value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    return *this;
  }
  Message& text(unsigned field, std::string_view value) { return bytes(field, Input(value.begin(), value.end())); }
  Message& row(unsigned field, const Shape& values) {
    Message packed;
    for (const std::uint64_t value : values) packed.varint(value);
    return bytes(field, packed.bytes_);
  }
  [[nodiscard]] const Input& get() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value > 127; value >>= 7) bytes_.push_back(static_cast<std::uint8_t>(value | 128));
    bytes_.push_back(static_cast<std::uint8_t>(value));
  }
  Input bytes_;
};

// Field numbers of onnx.proto.
constexpr unsigned kTensorDims = 1, kTensorType = 2, kTensorFloats = 4, kTensorName = 8, kTensorRaw = 9;
constexpr unsigned kAttributeName = 1, kAttributeReal = 2, kAttributeInteger = 3, kAttributeTensor = 5,
                   kAttributeIntegers = 8;
constexpr unsigned kNodeInput = 1, kNodeOutput = 2, kNodeOperation = 4, kNodeAttribute = 5;
constexpr unsigned kGraphNode = 1, kGraphWeights = 5, kGraphInput = 11, kGraphOutput = 12, kModelGraph = 7;

Message tensor(std::string_view name, const Shape& shape, unsigned where = kTensorRaw) {
  std::uint64_t count = 1;
  for (const std::uint64_t side : shape) count *= side;
  Input raw;
  for (std::uint64_t i = 0; i < count; ++i) {
    const float value = static_cast<float>(i % 7) / 8 - 0.25F;
    raw.resize(raw.size() + sizeof value);
    std::memcpy(raw.data() + raw.size() - sizeof value, &value, sizeof value);
  }
  return Message().row(kTensorDims, shape).number(kTensorType, 1).text(kTensorName, name).bytes(where, raw);
}

Message integers(std::string_view name, const Shape& values) {
  return Message().text(kAttributeName, name).row(kAttributeIntegers, values);
}
Message integer(std::string_view name, std::uint64_t value) {
  return Message().text(kAttributeName, name).number(kAttributeInteger, value);
}

Message node(std::string_view operation, Names inputs, std::string_view output,
             std::initializer_list<Message> attributes = {}) {
  Message made;
  for (const std::string_view input : inputs) made.text(kNodeInput, input);
  made.text(kNodeOutput, output).text(kNodeOperation, operation);
  for (const Message& attribute : attributes) made.bytes(kNodeAttribute, attribute.get());
  return made;
}

// From "in" to "out". The first byte is fuzz_onnx.cpp's choice of the picture.
Input model(std::uint8_t choice, std::initializer_list<Message> nodes, std::initializer_list<Message> weights) {
  Message graph;
  for (const Message& one : nodes) graph.bytes(kGraphNode, one.get());
  for (const Message& one : weights) graph.bytes(kGraphWeights, one.get());
  graph.bytes(kGraphInput, Message().text(1, "in").get()).bytes(kGraphOutput, Message().text(1, "out").get());
  Input file = Message().number(1, 7).bytes(kModelGraph, graph.get()).get();
  file.insert(file.begin(), choice);
  return file;
}

// Two networks with every layer that a ConvNet knows, and one without a graph.
void networks() {
  const Message half = integers("strides", {2, 2}), around = integers("pads", {1, 1, 1, 1});
  const Message epsilon = Message().text(kAttributeName, "epsilon").real(kAttributeReal, 0.5F);
  write_seed("onnx", "residual",
             model(2,
                   {node("Conv", {"in", "w1", "b1"}, "a", {half, around}),
                    node("BatchNormalization", {"a", "b1", "b1", "b1", "b1"}, "b", {epsilon}),
                    node("PRelu", {"b", "b1"}, "c"), node("Conv", {"c", "w2"}, "d", {around, integer("group", 16)}),
                    node("Relu", {"d"}, "e"), node("Conv", {"e", "w3"}, "f"), node("Add", {"f", "c"}, "g"),
                    node("MaxPool", {"g"}, "h", {half, integers("kernel_shape", {2, 2})}),
                    node("GlobalAveragePool", {"h"}, "i"), node("Flatten", {"i"}, "j", {integer("axis", 1)}),
                    node("Gemm", {"j", "w4", "b2"}, "out", {integer("transB", 1)})},
                   {tensor("w1", {16, 3, 3, 3}), tensor("b1", {16}), tensor("w2", {16, 1, 3, 3}),
                    tensor("w3", {16, 16, 1, 1}), tensor("w4", {4, 16}), tensor("b2", {4}, kTensorFloats)}));
  const Message factor = Message().text(kAttributeName, "value").bytes(kAttributeTensor, tensor("", {}).get());
  write_seed(
      "onnx", "squeeze",
      model(1,
            {node("Constant", {}, "half", {factor}),
             node("Conv", {"in", "w1"}, "a", {half, integers("dilations", {2, 2})}), node("Mul", {"a", "half"}, "b"),
             node("GlobalAveragePool", {"b"}, "c"), node("Sigmoid", {"c"}, "d"), node("Mul", {"b", "d"}, "e"),
             node("Concat", {"e", "b"}, "f", {integer("axis", 1)}), node("Conv", {"f", "w2"}, "g", {half}),
             node("Add", {"g", "g"}, "h"), node("GlobalAveragePool", {"h"}, "i"), node("Shape", {"i"}, "s"),
             node("Reshape", {"i", "s"}, "j"), node("MatMul", {"j", "w3"}, "out")},
            {tensor("w1", {16, 1, 3, 3}), tensor("w2", {4, 32, 1, 1}), tensor("w3", {4, 2})}));
  write_seed("onnx", "no_graph", Message().number(0, 7).text(2, "no graph").get());
}

void encoders() {
  const Input shipped = bytes_in(faceauth::test::built::source("models/fr_feature.toml"));
  write_seed("encoder", "shipped", shipped);
  const std::string_view calibration =
      "\n[calibration]\nencoder = \"fr_feature:87aacdfe57510db2\"\ndata = \"LFW\"\npeople = 218\nimages = 2000\n"
      "date = \"2024-02-29\"\nconvenient = 1.05\nbalanced = 0.98\nstrict = 0.9\nper_decade = 0.05\n"
      "single_frame = 1.1\nidentify_margin = 0.1\n";
  Input calibrated = shipped;
  calibrated.insert(calibrated.end(), calibration.begin(), calibration.end());
  write_seed("encoder", "calibrated", calibrated);
}

}  // namespace

void write_model_seeds() {
  networks();
  encoders();
}
