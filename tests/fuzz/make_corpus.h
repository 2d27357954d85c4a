// Shared by the two halves of make_corpus.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

// corpus/TARGET/NAME
void write_seed(const std::string& target, const std::string& name, const std::vector<std::uint8_t>& input);

void write_parser_seeds();  // of files and records
