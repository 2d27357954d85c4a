// Reads tests/vectors/*.txt: lines "name = value", '#' starts a comment line.
#pragma once

#include <tests/support/built.h>
#include <cstdint>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace faceauth::test {

using Bytes8 = std::vector<std::uint8_t>;

inline std::map<std::string, std::string> read_vectors(const std::string& file) {
  std::ifstream in(built::source("tests/vectors/" + file));
  if (!in) throw std::runtime_error("cannot read the test vectors " + file);
  std::map<std::string, std::string> values;
  for (std::string line; std::getline(in, line);) {
    const std::size_t equals = line.find(" = ");
    if (line.starts_with('#') || equals == std::string::npos) continue;
    values[line.substr(0, equals)] = line.substr(equals + 3);
  }
  return values;
}

inline Bytes8 unhex(const std::string& text) {
  Bytes8 bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  return bytes;
}

}  // namespace faceauth::test
