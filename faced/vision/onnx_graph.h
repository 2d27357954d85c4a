// What an ONNX file says, without running it. Everything is copied out of the file and checked against its size.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faceauth::vision {

struct OnnxTensor {
  std::vector<std::int64_t> shape;  // empty: one number
  std::vector<float> numbers;       // as many as the shape says; none when they are no floats
};

struct OnnxNode {
  std::string operation;
  std::vector<std::string> inputs, outputs;
  std::map<std::string, std::vector<std::int64_t>> integers;  // attributes, a single one as a list of one
  std::map<std::string, float> reals;

  [[nodiscard]] std::vector<std::int64_t> integers_or(const std::string& attribute,
                                                      std::vector<std::int64_t> otherwise) const;
  [[nodiscard]] float real_or(const std::string& attribute, float otherwise) const;
};

struct OnnxGraph {
  std::vector<OnnxNode> nodes;                  // each after those whose outputs it takes
  std::map<std::string, OnnxTensor> constants;  // weights, and what nodes named Constant give
  std::vector<std::string> inputs, outputs;     // without the weights
};

// Nothing when the bytes are no such file, or hold what a network that merely computes has no need of.
[[nodiscard]] std::optional<OnnxGraph> read_onnx(std::string_view bytes);

}  // namespace faceauth::vision
